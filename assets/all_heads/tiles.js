// The stage "All heads". Every head's map is drawn on one canvas: 100,000 points take some 50 ms,
// and dimming or finding redraws it at once. The strip, the hover card and saved pictures draw tiles
// of other sizes with the same function.
(() => {
  const {beside, byId, css, fixed, lay, openHead, set, skip} = window.headscope;

  const LEFT = 34, TOP = 20, GAP = 3;  // labels and space between tiles, in pixels
  const WIDEST = 190, NARROWEST = 30, HIGHEST = 1700, RANKED = 12, THUMB = 74, DIMMED = 0.12;
  const ROLES = ["query", "key"];
  const state = {tiles: null, colours: null, values: null, hits: null, score: "", least: null, order: "high"};
  let size = 0, over = null;

  function numbers(base64, type) {
    const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
    return new type(bytes.buffer);
  }

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
      words(x, y, text, fill, align) {
        pen.fillStyle = last = fill;
        pen.textAlign = align;
        pen.font = "11px system-ui, sans-serif";
        pen.fillText(text, x, y);
      },
      fade(share) { pen.globalAlpha = share; },
    };
  }

  const place = (values, i, x, y, inner) =>
    [x + inner * values[2 * i] / 65535, y + inner * (1 - values[2 * i + 1] / 65535)];

  // Queries and keys take turns, so that neither covers the other.
  function drawTile(to, at, x, y, width) {
    const {tiles, colours} = state, {count} = tiles, first = at * count;
    const r = Math.min(2.2, Math.max(.55, width / 130)), rim = 2 + r, inner = width - 2 * rim;
    const faint = dimmed(at);
    to.fade(faint ? DIMMED : state.hits ? .3 : .75);
    for (let turn = 0; turn < 6; turn++)
      for (const role of ROLES) {
        const {shades, levels} = colours[role], values = tiles[role];
        for (let i = first + turn; i < first + count; i += 6) {
          const [px, py] = place(values, i, x + rim, y + rim, inner);
          to.dot(px, py, r, shades[levels ? levels[i] : 0]);
        }
      }
    to.fade(faint ? .45 : 1);
    drawHits(to, at, x + rim, y + rim, inner, r);
    to.fade(1);
  }

  function drawHits(to, at, x, y, inner, r) {
    const {hits} = state;
    if (!hits) return;
    const ink = css("--hs-ink"), big = Math.max(hits.count > 60 ? 1.2 : 2, 1.6 * r);
    for (const role of ROLES) {
      const fill = css(`--hs-${role}`);
      for (let i = at * hits.count; i < (at + 1) * hits.count; i++) {
        const [px, py] = place(hits[role], i, x, y, inner);
        to.dot(px, py, big + .8, ink);
        to.dot(px, py, big, fill);
      }
    }
  }

  // ---- numbers of a head

  const valueOf = (name, at) => {
    if (name === "gathered") return state.hits ? state.hits.gathered[at] : null;
    const rows = state.values && state.values.numbers[name];
    return rows ? rows[at] : null;
  };
  const dimmed = at => {
    if (state.least === null) return false;
    const value = valueOf(state.score, at);
    return value === null || value === undefined || value < state.least;
  };
  const nameOf = at => `L${Math.floor(at / state.tiles.heads)}H${at % state.tiles.heads}`;
  const shown = value => (value === null || value === undefined ? "–" : fixed(value, 2));

  // ---- the whole picture

  function tileWidth(room) {
    const {layers, heads} = state.tiles;
    const fits = Math.min((room - LEFT) / heads, HIGHEST / layers, WIDEST);
    return Math.max(NARROWEST, Math.floor(fits));
  }

  function drawAll(to, width) {
    const {layers, heads} = state.tiles, faint = css("--hs-faint"), line = css("--hs-line");
    for (let h = 0; h < heads; h++) to.words(LEFT + (h + .5) * width, TOP - 6, `H${h}`, faint, "center");
    for (let l = 0; l < layers; l++) {
      to.words(LEFT - 6, TOP + (l + .5) * width + 4, `L${l}`, faint, "right");
      for (let h = 0; h < heads; h++) {
        const at = l * heads + h, x = LEFT + h * width, y = TOP + l * width;
        to.box(x, y, width - GAP, line);
        drawTile(to, at, x, y, width - GAP);
      }
    }
  }

  function fresh(canvas, width, height) {
    Object.assign(canvas.style, {width: `${width}px`, height: `${height}px`});
    return window.headscope.pen(canvas, width, height);
  }

  const extent = width => [LEFT + state.tiles.heads * width, TOP + state.tiles.layers * width];

  function draw() {
    const canvas = byId("all-canvas"), room = canvas && canvas.closest(".all-body").clientWidth;
    const run = window.headscope.run;
    if (!room || !state.tiles || !state.colours || !run) return;
    if (state.tiles.run !== run.key || state.colours.run !== run.key) return;
    for (const role of ROLES) {  // points and colours of one moment: another text may be on its way
      const {levels} = state.colours[role];
      if (levels && levels.length * 2 !== state.tiles[role].length) return;
    }
    size = tileWidth(room);
    const [width, height] = extent(size);
    drawAll(onCanvas(fresh(canvas, width, height)), size);
    lay(byId("all-over"), LEFT, TOP, width - LEFT, height - TOP);
    frames();
    strip();
    canvas.dataset.drawn = `${state.tiles.layers}×${state.tiles.heads}`;
  }

  let waiting = false;
  function later() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(); });
  }

  // ---- the open heads, and the head under the mouse

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
    const layer = Math.floor(at / state.tiles.heads), head = at % state.tiles.heads;
    lay(frame, LEFT + head * size - 2, TOP + layer * size - 2, size + 1, size + 1);
    return frame;
  }

  function frames() {
    if (!state.tiles || !size) return;
    const open = side => +byId(`layer-select${side}`).value * state.tiles.heads + +byId(`head-select${side}`).value;
    const comparing = window.headscope.comparing() && window.headscope.sameHeads();
    box("head-frame all-open-a", open("")).textContent = "A";
    box("head-frame head-frame-b all-open-b", comparing ? open("-b") : null).textContent = "B";
  }

  function headAt(event) {
    const {left, top} = byId("all-over").getBoundingClientRect(), {layers, heads} = state.tiles;
    const head = Math.floor((event.clientX - left) / size), layer = Math.floor((event.clientY - top) / size);
    return head >= 0 && head < heads && layer >= 0 && layer < layers ? layer * heads + head : null;
  }

  function open(at, second) {
    openHead(Math.floor(at / state.tiles.heads), at % state.tiles.heads, second ? "-b" : "");
    if (second) set("compare-toggle", {active: true});
    // the head opens with the map that was seen here, and the token that was found
    set("method-select", {value: byId("all-method").value});
    set("colour-select", {value: byId("all-colour").value});
    if (byId("all-find").value) set("token-search", {value: byId("all-find").value});
    hover(null);
    set("stage-select", {value: "heads"});
  }

  function card() {
    const found = window.headscope.made("all-card", "tooltip");
    if (!found.firstChild) found.innerHTML = "<canvas></canvas><div></div>";
    return found;
  }

  function hover(at, event) {
    if (at === over && at === null) return;
    const found = card();
    found.hidden = at === null;
    box("head-frame all-hover", at);
    if (at !== over && at !== null) {
      drawTile(onCanvas(fresh(found.firstChild, 200, 200)), at, 0, 0, 200);
      found.lastChild.replaceChildren(...facts(at));
    }
    over = at;
    if (at !== null) beside(found, event);
  }

  function facts(at) {
    const line = (words, className) => {
      const p = document.createElement("p");
      p.textContent = words;
      if (className) p.className = className;
      return p;
    };
    const titles = state.values ? state.values.titles : {};
    const lines = Object.entries(titles).filter(([name]) => valueOf(name, at) !== null)
      .map(([name, title]) => line(`${title} ${shown(valueOf(name, at))}`, name === state.score ? "chosen" : ""));
    if (state.hits) lines.push(line(`Found tokens apart ${shown(valueOf("gathered", at))} of all`));
    return [line(nameOf(at), "name"), ...lines];
  }

  // ---- the heads in order

  function ranking() {
    const {order} = state, found = order === "close" || order === "far";
    const name = found ? "gathered" : state.score, sign = order === "high" || order === "far" ? -1 : 1;
    const all = Array.from({length: state.tiles.layers * state.tiles.heads}, (_, at) => [valueOf(name, at), at]);
    const known = all.filter(([value]) => value !== null && value !== undefined);
    return known.sort((a, b) => sign * (a[0] - b[0]) || a[1] - b[1]).slice(0, RANKED);
  }

  function strip() {
    const buttons = ranking().map(([value, at]) => {
      const button = document.createElement("button"), name = document.createElement("span");
      const picture = document.createElement("canvas");
      name.textContent = `${nameOf(at)}  ${fixed(value, 2)}`;
      button.append(picture, name);
      button.dataset.head = nameOf(at);
      button.addEventListener("click", e => open(at, e.shiftKey));
      drawTile(onCanvas(fresh(picture, THUMB, THUMB)), at, 0, 0, THUMB);
      return button;
    });
    byId("all-strip").replaceChildren(...buttons);
  }

  function stripTitle() {
    if (["close", "far"].includes(state.order)) return state.hits ? "Found token" : "Find a token to rank heads by it";
    const title = state.values && state.values.titles[state.score];
    return title || "This score is not measured yet";
  }

  // ---- client-side callbacks

  const flat = table => table.flat();

  window.headscope.callbacks({
    allAsk(stage, run, method, _made, asked) {
      if (!run || stage !== "all") return skip();
      if (asked && asked.run === run.key && asked.method === method) return skip();
      return {run: run.key, method};
    },

    allDraw(points, colours, values, hits, score, least, order) {
      const typed = (sent, key, type) => Object.assign({}, sent, ...ROLES.map(role => ({[role]: key(sent[role], type)})));
      state.tiles = points && typed(points, numbers, Uint16Array);
      state.colours = colours && typed(colours, c => ({...c, levels: c.levels && numbers(c.levels, Uint8Array)}));
      state.values = values && {...values, numbers: Object.fromEntries(
        Object.entries(values.numbers).map(([name, rows]) => [name, flat(rows)]))};
      state.hits = hits && {...typed(hits, numbers, Uint16Array), gathered: flat(hits.gathered)};
      state.score = score;
      state.least = least === null || least === undefined || least === "" ? null : Number(least);
      state.order = order;
      over = undefined;  // a card that is shown tells what was
      later();
      return stripTitle();
    },

    allFrames() { requestAnimationFrame(frames); },
  });

  document.addEventListener("mousemove", e => {
    if (e.target.id === "all-over" && state.tiles) hover(headAt(e), e);
    else if (over !== null) hover(null);
  });
  document.addEventListener("click", e => {
    if (e.target.id !== "all-over" || !state.tiles) return;
    const at = headAt(e);
    if (at !== null) open(at, e.shiftKey);
  });
  window.headscope.allHeads = {drawn: () => state.tiles && size && extent(size), drawOn: to => drawAll(to, size), onCanvas};
  window.addEventListener("resize", later);
  new MutationObserver(later).observe(document.documentElement, {attributes: true, attributeFilter: ["data-bs-theme"]});
})();
