// The stage "All heads". Every head is drawn on one canvas: 100,000 points take some 50 ms, and
// dimming or finding redraws it at once. The strip, the hover card and saved pictures draw tiles of
// other sizes with the same function.
(() => {
  const all = window.headscope.allHeads ||= {};
  const {byId, css, fixed, lay} = window.headscope;

  const LEFT = 34, TOP = 20, GAP = 3;  // labels and space between tiles, in pixels
  const WIDEST = 190, NARROWEST = 30, HIGHEST = 1700, RANKED = 12, THUMB = 74;
  const VEIL = .62, STRIPES = 7;  // how much of a preview is covered, and what lies between its stripes
  const ROLES = ["query", "key"];
  let size = 0;

  // ---- one tile

  // What a tile is drawn with: a canvas, or a text of SVG for saving.
  function onCanvas(pen) {
    let last = "";
    return {
      dot(x, y, r, fill) {
        if (fill !== last) pen.fillStyle = last = fill;
        if (r < 1.2) { pen.fillRect(x - r, y - r, 2 * r, 2 * r); return; }
        pen.beginPath();
        pen.arc(x, y, r, 0, 7);
        pen.fill();
      },
      box(x, y, w, line) {
        pen.strokeStyle = line;
        pen.lineWidth = 1;
        pen.strokeRect(x + .5, y + .5, w - 1, w - 1);
      },
      cover(x, y, w, fill) {
        pen.fillStyle = last = fill;
        pen.fillRect(x, y, w, w);
      },
      stripes(lines, line) {
        pen.strokeStyle = line;
        pen.lineWidth = 1;
        pen.beginPath();
        for (const [x0, y0, x1, y1] of lines) { pen.moveTo(x0, y0); pen.lineTo(x1, y1); }
        pen.stroke();
      },
      words(x, y, text, fill, align) {
        pen.fillStyle = last = fill;
        pen.textAlign = align;
        pen.font = "11px system-ui, sans-serif";
        pen.fillText(text, x, y);
      },
      image(picture, x, y, w) {
        pen.imageSmoothingEnabled = false;
        pen.drawImage(picture, x, y, w, w);
      },
      fade(share) { pen.globalAlpha = share; },
    };
  }

  // Make a tile pale, and lay diagonals over it from one edge to another.
  function hatch(to, x, y, width) {
    const lines = [];
    for (let d = STRIPES; d < 2 * width; d += STRIPES) {
      const over = Math.max(0, d - width), far = Math.min(d, width);
      lines.push([x + over, y + far, x + far, y + over]);
    }
    to.fade(VEIL);
    to.cover(x, y, width, css("--hs-panel"));
    to.fade(1);
    to.stripes(lines, css("--hs-hatch"));
  }

  const place = (values, i, x, y, inner) =>
    [x + inner * values[2 * i] / 65535, y + inner * (1 - values[2 * i + 1] / 65535)];

  // Queries and keys take turns, so that neither covers the other.
  function drawMap(to, at, x, y, width) {
    const {tiles, colours, hits} = all.state;
    const r = Math.min(2.2, Math.max(.55, width / 130)), rim = 2 + r, inner = width - 2 * rim;
    const faint = all.dimmed(at);
    to.fade(faint ? all.DIM : hits ? .3 : .75);
    for (let turn = 0; turn < 6; turn++)
      for (const role of ROLES) {
        const {shades, levels} = colours[role], values = tiles[role], count = all.countOf(tiles, role), first = at * count;
        for (let i = first + turn; i < first + count; i += 6) {
          const [px, py] = place(values, i, x + rim, y + rim, inner);
          to.dot(px, py, r, shades[levels ? levels[i] : 0]);
        }
      }
    if (all.preview(at)) hatch(to, x + 1, y + 1, width - 2);
    to.fade(faint ? .45 : 1);
    drawHits(to, at, x + rim, y + rim, inner, r);
    to.fade(1);
  }

  function drawHits(to, at, x, y, inner, r) {
    const {hits} = all.state;
    if (!hits) return;
    const ink = css("--hs-ink"), big = Math.max(Math.max(...ROLES.map(role => all.countOf(hits, role))) > 60 ? 1.2 : 2, 1.6 * r);
    for (const role of ROLES) {
      const fill = css(`--hs-${role}`), count = all.countOf(hits, role);
      for (let i = at * count; i < (at + 1) * count; i++) {
        const [px, py] = place(hits[role], i, x, y, inner);
        to.dot(px, py, big + .8, ink);
        to.dot(px, py, big, fill);
      }
    }
  }

  const drawTile = (...where) => (all.state.show === "maps" ? drawMap : all.drawAttention)(...where);

  // ---- the whole picture

  function tileWidth(room) {
    const {layers, heads} = all.shown();
    const fits = Math.min((room - LEFT) / heads, HIGHEST / layers, WIDEST);
    return Math.max(NARROWEST, Math.floor(fits));
  }

  const corner = at => {
    const [layer, head] = all.placed(at);
    return [LEFT + head * size, TOP + layer * size];
  };

  function drawOne(to, at) {
    to.box(...corner(at), size - GAP, css("--hs-line"));
    drawTile(to, at, ...corner(at), size - GAP);
    if (!all.starred(at)) return;
    const [x, y] = corner(at);
    to.words(x + size - GAP - 3, y + 12, "★", css("--hs-ink"), "right");
  }

  function drawAll(to) {
    const {layers, heads} = all.shown(), faint = css("--hs-faint");
    for (let h = 0; h < heads; h++) to.words(LEFT + (h + .5) * size, TOP - 6, `H${h}`, faint, "center");
    for (let l = 0; l < layers; l++) to.words(LEFT - 6, TOP + (l + .5) * size + 4, `L${l}`, faint, "right");
    for (let at = 0; at < layers * heads; at++) drawOne(to, at);
  }

  const previews = () => all.state.show === "maps" && all.state.tiles.fitted.some(fitted => !fitted);

  function fresh(canvas, width, height) {
    Object.assign(canvas.style, {width: `${width}px`, height: `${height}px`});
    return window.headscope.pen(canvas, width, height);
  }

  const extent = () => [LEFT + all.shown().heads * size, TOP + all.shown().layers * size];

  function draw() {
    const canvas = byId("all-canvas"), room = canvas && canvas.closest(".all-body").clientWidth;
    if (!room) return;
    const {show, tiles} = all.state, current = all.current();
    window.headscope.stale.mark(["all-picture"], !current || (show === "maps" && tiles.method !== byId("all-method").value));
    if (!current) return;
    size = tileWidth(room);
    const [width, height] = extent();
    drawAll(onCanvas(fresh(canvas, width, height)));
    lay(byId("all-over"), LEFT, TOP, width - LEFT, height - TOP);
    around();
    const {layers, heads} = all.shown();
    canvas.closest(".all-body").classList.add("filled");
    Object.assign(canvas.dataset, {drawn: `${layers}×${heads}`, shown: all.state.show});
  }

  // What follows from what is drawn.
  function around() {
    frames();
    strip();
    all.nameTiles();
    all.tell();
    all.goOn();
  }

  // Draw some tiles anew, where they are.
  function redraw(heads) {
    const canvas = byId("all-canvas");
    if (!size || !canvas || canvas.dataset.shown !== all.state.show || !all.current()) { later(); return; }
    const pen = canvas.getContext("2d");
    for (const at of heads) {
      pen.clearRect(...corner(at), size - GAP, size - GAP);
      drawOne(onCanvas(pen), at);
    }
    around();
  }

  let waiting = false;
  function later() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(); });
  }

  // ---- the open heads, and a frame round the head under the mouse

  function box(className, at) {
    const picture = byId("all-picture");
    let frame = picture.querySelector(`:scope > .${className.split(" ").pop()}`);
    if (!frame) {
      frame = document.createElement("div");
      frame.className = className;
      picture.appendChild(frame);
    }
    frame.hidden = at === null;
    if (at === null) return frame;
    const [x, y] = corner(at);
    lay(frame, x - 2, y - 2, size + 1, size + 1);
    return frame;
  }

  const opened = (side = "") => +byId(`layer-select${side}`).value * all.shown().heads + +byId(`head-select${side}`).value;

  function frames() {
    if (!all.shown() || !size) return;
    const comparing = window.headscope.comparing() && window.headscope.sameHeads();
    box("head-frame all-open-a", opened()).textContent = "A";
    box("head-frame head-frame-b all-open-b", comparing ? opened("-b") : null).textContent = "B";
  }

  function headAt(event) {
    const {left, top} = byId("all-over").getBoundingClientRect(), {layers, heads} = all.shown();
    const head = Math.floor((event.clientX - left) / size), layer = Math.floor((event.clientY - top) / size);
    return head >= 0 && head < heads && layer >= 0 && layer < layers ? layer * heads + head : null;
  }

  // ---- the heads in order

  function ranking() {
    const {order, score} = all.state, found = order === "close" || order === "far";
    const name = found ? "gathered" : score, sign = order === "high" || order === "far" ? -1 : 1;
    const every = Array.from({length: all.shown().layers * all.shown().heads}, (_, at) => [all.valueOf(name, at), at]);
    const known = every.filter(([value]) => value !== null && value !== undefined);
    return known.sort((a, b) => sign * (a[0] - b[0]) || a[1] - b[1]).slice(0, RANKED);
  }

  function strip() {
    const buttons = ranking().map(([value, at]) => {
      const button = document.createElement("button"), name = document.createElement("span");
      const picture = document.createElement("canvas");
      name.textContent = `${all.nameOf(at)}  ${fixed(value, 2)}`;
      button.append(picture, name);
      button.dataset.head = all.nameOf(at);
      button.addEventListener("click", e => all.open(at, e.shiftKey));
      drawTile(onCanvas(fresh(picture, THUMB, THUMB)), at, 0, 0, THUMB);
      return button;
    });
    byId("all-strip").replaceChildren(...buttons);
  }

  Object.assign(all, {
    ROLES, onCanvas, drawTile, fresh, corner, frames, headAt, later, opened, previews, redraw,
    frame: at => box("head-frame all-hover", at),
    size: () => size,
    drawn: () => all.current() && size && extent(),
    drawOn: drawAll,
  });
  window.addEventListener("resize", later);
  new MutationObserver(later).observe(document.documentElement, {attributes: true, attributeFilter: ["data-bs-theme"]});
})();
