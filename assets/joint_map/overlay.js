// What lies over the maps and grids: lines, rings, labels, search hits, the hover card. All of it is
// drawn on a canvas above the plot, because any change of a figure redraws its whole WebGL layer
// (100 ms and more), and this takes one.
(() => {
  const {byId, comparing, css: colour, plot, ofRole, otherRole, spanOf} = window.headscope;
  const SIDES = ["", "-b"], ROLES = ["query", "key"];
  const state = {tokens: null, tokensB: null, hits: {query: [], key: []}, hitsB: {query: [], key: []}, labels: false, selection: null, hover: null, hoverSide: "", most: 12, least: 0.02};
  const links = {"": null, "-b": null};
  Object.assign(window.headscope, {state, links});

  // ---- where things are

  // Pixel of a token's query or key in a map, or null if it isn't drawn.
  function pixel(gd, role, token) {
    const [trace, i] = window.headscope.sentence.inMap(gd, role, token), {xaxis, yaxis} = gd._fullLayout;
    const x = trace && trace.x && trace.x[i], y = trace && trace.y && trace.y[i];
    if (x == null || !isFinite(x) || !isFinite(y)) return null;
    return [xaxis._offset + xaxis.d2p(x), yaxis._offset + yaxis.d2p(y)];
  }

  function canvasOf(gd) {
    let canvas = gd.querySelector(":scope > canvas.overlay");
    if (!canvas) {
      canvas = document.createElement("canvas");
      canvas.className = "overlay";
      canvas.setAttribute("aria-hidden", "true");
      gd.appendChild(canvas);
    }
    const {width, height} = gd.getBoundingClientRect();
    return [window.headscope.pen(canvas, width, height), width, height];
  }

  // ---- drawing

  // A ring round a point, of the shape of its role.
  function ring(pen, role, at, radius, stroke, width) {
    if (!at) return;
    sign(pen, role, at, radius);
    pen.lineWidth = width + 2;
    pen.strokeStyle = colour("--hs-panel");
    pen.stroke();
    pen.lineWidth = width;
    pen.strokeStyle = stroke;
    pen.stroke();
  }

  const FONT = "12px system-ui, sans-serif";
  const ruler = document.createElement("canvas").getContext("2d");  // pens that write SVG can't measure

  // Words beside a point, if there is room for them; what prints them, or null.
  function placed(room, at, words, fill, apart) {
    ruler.font = FONT;
    const place = room(at, ruler.measureText(words).width, apart);
    return place && (pen => {
      pen.font = FONT;
      pen.lineWidth = 3;
      pen.lineJoin = "round";
      pen.strokeStyle = colour("--hs-panel");
      pen.strokeText(words, place[0], place[1] + 4);
      pen.fillStyle = fill;
      pen.fillText(words, place[0], place[1] + 4);
    });
  }

  // The sign of a role: queries are discs, keys diamonds, as everywhere.
  function sign(pen, role, [x, y], radius) {
    pen.beginPath();
    if (role === "query") { pen.arc(x, y, radius, 0, 7); return; }
    const far = radius * 1.3;
    [[x, y - far], [x + far, y], [x, y + far], [x - far, y]].forEach((at, i) => (i ? pen.lineTo(...at) : pen.moveTo(...at)));
    pen.closePath();
  }

  const nameOf = (tokens, role, token) => ofRole(tokens, role).strings[token];
  const someHits = hits => hits.query.length + hits.key.length > 0;

  function drawHits(gd, pen, hits, width, height, ink) {
    pen.fillStyle = colour("--hs-veil");
    pen.fillRect(0, 0, width, height);
    for (const role of ["key", "query"])
      for (const token of hits[role]) {
        const at = pixel(gd, role, token);
        if (!at) continue;
        sign(pen, role, at, 4.5);
        pen.fillStyle = ink[role];
        pen.fill();
        pen.lineWidth = 1.5;
        pen.strokeStyle = colour("--hs-ink");
        pen.stroke();
      }
  }

  // Names of points, as many as fit without covering one another, or what is said of lines.
  function labels(gd, room, tokens, hits, ink) {
    const only = someHits(hits), {l, t, w, h} = gd._fullLayout._size, found = [];
    const counts = ROLES.map((role, i) => (only ? hits[role].length : gd._fullData[i].x.length));
    for (let i = 0; i < Math.max(...counts) && found.length < 600; i++) {
      for (const [place, role] of ROLES.entries()) {
        if (i >= counts[place]) continue;
        // a fixed stride through the tokens, so that no passage is preferred
        const token = only ? hits[role][i] : (i * 7919) % counts[place];
        const at = pixel(gd, role, token);
        if (!at || at[0] < l || at[1] < t || at[0] > l + w || at[1] > t + h) continue;
        const word = placed(room, at, nameOf(tokens, role, token).slice(0, 16), ink[role]);
        if (word) found.push(word);
      }
    }
    return found;
  }

  // Names of the sentence's points, as many as there is room for; a card tells of each under the mouse.
  function sentenceWords(gd, room, tokens, link, ink) {
    if (tokens.own == null) return [];
    const named = link && link.weights ? [[link.selection.role, link.selection.token], ...window.headscope.strongest(link)
      .map(([, token]) => [otherRole(link.selection.role), token])].map(String) : [];
    const all = ROLES.flatMap(role => {
      const {strings, own, starts} = ofRole(tokens, role);
      return strings.slice(starts[own]).map((name, i) => ({role, token: starts[own] + i, name, i}));
    });
    return all.sort((a, b) => a.i - b.i).map(({role, token, name}) => {
      const at = named.includes(String([role, token])) ? null : pixel(gd, role, token);
      return at && placed(room, at, name.slice(0, 16), ink[role]);
    }).filter(Boolean);
  }

  // [attention, token] of the lines to draw: the strongest, and the pair that was clicked.
  window.headscope.strongest = link => {
    const {selection, weights} = link, {start} = spanOf(link, otherRole(selection.role));
    const found = weights.map((w, i) => [w, i + start]).filter(([w]) => w >= state.least)
      .sort((a, b) => b[0] - a[0]).slice(0, state.most);
    if (selection.other != null && !found.some(([, t]) => t === selection.other))
      found.push([weights[selection.other - start] || 0, selection.other]);
    return found;
  };

  // Lines from the selected query to its strongest keys, or from a key to the queries that look at it.
  function drawLinks(gd, pen, link, ink) {
    const {selection, weights} = link, other = otherRole(selection.role);
    const from = pixel(gd, selection.role, selection.token);
    if (!from || !weights) return;
    const strongest = window.headscope.strongest(link);
    for (const [w, token] of strongest.slice().reverse()) {
      const to = pixel(gd, other, token), chosen = token === selection.other;
      if (!to) continue;
      pen.beginPath();
      pen.moveTo(...from);
      pen.lineTo(...to);
      const width = 1.2 + 5 * w + (chosen ? 0.6 : 0);
      pen.lineWidth = width + 2.5;  // a casing, so that lines show among points of their colour
      pen.strokeStyle = colour("--hs-panel");
      pen.stroke();
      pen.globalAlpha = chosen ? 1 : 0.45 + 0.55 * w;
      pen.lineWidth = width;
      pen.strokeStyle = ink[selection.role];
      if (chosen && w < 0.02) pen.setLineDash([3, 4]);  // the pair that was clicked has next to none
      pen.stroke();
      pen.setLineDash([]);
      pen.globalAlpha = 1;
    }
    for (const [, token] of strongest)
      ring(pen, other, pixel(gd, other, token), token === selection.other ? 7 : 4, ink[other], token === selection.other ? 3 : 1.5);
    ring(pen, selection.role, from, 8, ink[selection.role], 3);
  }

  // A weight where there is little room.
  const short = w => (w >= .005 || !(w > 0) ? w.toFixed(2) : "below 0.01");

  // What is said of the lines: the selected token, and the others with their attention.
  function linkWords(gd, room, link, tokens, ink) {
    const {selection, weights} = link, other = otherRole(selection.role);
    const from = pixel(gd, selection.role, selection.token);
    if (!from || !weights) return [];
    const all = [[from, nameOf(tokens, selection.role, selection.token), ink[selection.role], 11]];
    for (const [w, token] of window.headscope.strongest(link))
      all.push([pixel(gd, other, token), `${nameOf(tokens, other, token)} ${short(w)}`, ink[other]]);
    return all.map(([at, ...word]) => at && placed(room, at, ...word)).filter(Boolean);
  }

  function draw(side) {
    const gd = plot(`qk-map${side}`);
    const {tokensOf, marksOf} = window.headscope;
    if (!gd || !tokensOf(side)) return;
    if (gd._fullLayout.scene) { window.headscope.drawInSpace(gd, side); return; }
    drawOver(gd, side, ...canvasOf(gd));
    gd.dataset.marks = JSON.stringify(marksOf(side));  // what is ringed, for screen tests
  }

  // Draw what lies over a flat map with a pen: a canvas's, or one that writes SVG (save_picture.js).
  function drawOver(gd, side, pen, width, height) {
    const ink = {query: colour("--hs-query"), key: colour("--hs-key")};
    const {tokensOf, hitsOf, marksOf} = window.headscope, hits = hitsOf(side), tokens = tokensOf(side);
    const {l, t, w, h} = gd._fullLayout._size;
    pen.save();
    pen.beginPath();
    pen.rect(l, t, w, h);
    pen.clip();
    const room = window.headscope.room(l, t, w, h), link = links[side] && links[side].selection ? links[side] : null;
    const words = link ? linkWords(gd, room, link, tokens, ink) : [];  // they choose their places first
    words.push(...sentenceWords(gd, room, tokens, link, ink));
    window.headscope.pictures.marks(gd, pen, tokens, pixel);
    if (someHits(hits)) drawHits(gd, pen, hits, width, height, ink);
    if (state.labels) labels(gd, room, tokens, hits, ink).forEach(word => word(pen));
    if (links[side] && links[side].whole && !someHits(hits)) window.headscope.passages.drawPassage(gd, pen, links[side], ink);
    if (link) drawLinks(gd, pen, link, ink);
    words.forEach(word => word(pen));
    for (const mark of marksOf(side))
      ring(pen, mark.role, pixel(gd, mark.role, mark.token), 9, ink[mark.role], 3);
    pen.restore();
  }
  const drawAll = () => SIDES.forEach(draw);

  // Frames round the open heads in the two grids.
  function frame(id) {
    const gd = plot(id);
    if (!gd) return;
    const both = comparing() && sameHeads();
    for (const side of SIDES) {
      let box = gd.querySelector(`:scope > .head-frame${side}`);
      if (!box) {
        box = document.createElement("div");
        box.className = `head-frame head-frame${side}`;
        gd.appendChild(box);
      }
      const [[layer, head], first] = [side, ""].map(b => ["layer", "head"].map(w => +byId(`${w}-select${b}`).value));
      box.textContent = side ? (layer === first[0] && head === first[1] ? "A, B" : "B") : "A";
      box.hidden = side !== "" && !both;
      window.headscope.lay(box, ...window.headscope.cell(gd, layer, head));
    }
  }

  // Marks of a column; the other shows those of the same tokens.
  function hover(marks, side = "") {
    Object.assign(state, {hover: marks, hoverSide: side});
    drawAll();
  }

  // Whether B's head has a place in the grids, which show the heads of A's model.
  function sameHeads() {
    const {run, runB} = window.headscope;
    return !runB || (runB.spec === run.spec && window.headscope.partOf(runB) === window.headscope.partOf(run));
  }

  Object.assign(window.headscope, {pixel, sign, short, draw, drawOver, drawAll, frame, hover, sameHeads});
  window.addEventListener("resize", () => requestAnimationFrame(drawAll));
})();
