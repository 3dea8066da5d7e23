// The picture of all heads as a file, at print size.
(() => {
  const {byId, css} = window.headscope;
  const all = window.headscope.allHeads;
  const WAIT = "The heads are still being laid out. Press again when they are there.";

  function save(url, kind) {
    const link = document.createElement("a"), run = window.headscope.run;
    link.href = url;
    link.download = `all-heads-${run.model.name}-${run.text}-${byId("all-method").value}.${kind}`;
    link.click();
  }

  const SCALE = 3;  // 12 heads across at 300 dots an inch fill a page

  function png() {
    const [width, height] = all.drawn(), canvas = document.createElement("canvas");
    Object.assign(canvas, {width: SCALE * width, height: SCALE * height});
    const pen = canvas.getContext("2d");
    pen.fillStyle = css("--hs-panel");
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.scale(SCALE, SCALE);
    all.drawOn(all.onCanvas(pen));
    save(canvas.toDataURL("image/png"), "png");
  }

  // Dots of one colour become one path of squares: a third of the size of so many shapes.
  function onSvg(parts) {
    let fade = 1, path = [], last = "";
    const round = n => Math.round(10 * n) / 10;
    const flush = () => {
      if (path.length) parts.push(`<path fill="${last}" fill-opacity="${fade}" d="${path.join("")}"/>`);
      path = [];
    };
    return {
      dot(x, y, r, fill) {
        if (fill !== last) { flush(); last = fill; }
        const side = round(2 * r);
        path.push(`M${round(x - r)} ${round(y - r)}h${side}v${side}h-${side}z`);
      },
      box(x, y, w, line) { flush(); parts.push(`<rect x="${x + .5}" y="${y + .5}" width="${w - 1}" height="${w - 1}" fill="none" stroke="${line}"/>`); },
      words(x, y, text, fill, align) {
        flush();
        const anchor = {center: "middle", right: "end"}[align];
        parts.push(`<text x="${x}" y="${y}" fill="${fill}" text-anchor="${anchor}">${text}</text>`);
      },
      fade(share) { flush(); fade = share; },
    };
  }

  function svg() {
    const [width, height] = all.drawn(), parts = [];
    all.drawOn(onSvg(parts));
    const open = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="11">`;
    const ground = `<rect width="${width}" height="${height}" fill="${css("--hs-panel")}"/>`;
    const blob = new Blob([open, ground, ...parts, "</svg>"], {type: "image/svg+xml"});
    const url = URL.createObjectURL(blob);
    save(url, "svg");
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }

  window.headscope.callbacks({
    allSave_png() { if (all.drawn()) png(); else window.headscope.say(WAIT); },
    allSave_svg() { if (all.drawn()) svg(); else window.headscope.say(WAIT); },
  });
})();
