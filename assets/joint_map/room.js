// Places for words over a map, so that none is printed over others.
(() => {
  const HIGH = 15, GAP = 2;

  // `width` and `height` of where words may be, `left` and `top` of it.
  window.headscope.room = (left, top, width, height) => {
    const rows = new Map();  // boxes that are taken, by the rows that they touch
    const rowsOf = ([, y]) => [Math.floor(y / HIGH), Math.floor((y + HIGH) / HIGH)];

    function free(box) {
      const [x, y, w] = box;
      if (x < left || y < top || x + w > left + width || y + HIGH > top + height) return false;
      return rowsOf(box).every(row => (rows.get(row) || []).every(([a, b, c]) =>
        x >= a + c + GAP || a >= x + w + GAP || Math.abs(y - b) >= HIGH));
    }

    function take(box) {
      for (const row of rowsOf(box)) rows.set(row, [...(rows.get(row) || []), box]);
      return box;
    }

    // Where words of a width can stand beside a point: right of it, left, above or below, as left and
    // middle. Null where they would cover others.
    return ([x, y], w, apart = 8) => {
      const places = [[x + apart, y - HIGH / 2], [x - apart - w, y - HIGH / 2],
        [x - w / 2, y - apart - HIGH], [x - w / 2, y + apart]];
      const box = places.map(([a, b]) => [a, b, w]).find(free);
      return box ? [take(box)[0], box[1] + HIGH / 2] : null;
    };
  };
})();
