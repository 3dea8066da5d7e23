// What lies over the maps and grids: lines, rings, labels, search hits, the hover card. All of it is
// drawn on a canvas above the plot, because any change of a figure redraws its whole WebGL layer
// (100 ms and more), and this takes one.
(() => {
  const SIDES = ["", "-b"];
  const set = (id, props) => window.dash_clientside.set_props(id, props);
  const state = {tokens: null, hits: [], labels: false, selection: null, hover: null, most: 12, least: 0.02};
  const links = {"": null, "-b": null};
  window.headscope = {run: null, state, links};

  const plot = id => {
    const gd = document.querySelector(`#${id} .js-plotly-plot`);
    return gd && gd._fullLayout && gd._fullData && gd._fullData.length ? gd : null;
  };
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // ---- where things are

  // Pixel of a token's query or key in a map, or null if it isn't drawn.
  function pixel(gd, role, token) {
    const trace = gd._fullData[role === "query" ? 0 : 1], {xaxis, yaxis} = gd._fullLayout;
    const x = trace && trace.x && trace.x[token], y = trace && trace.y && trace.y[token];
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
    const {width, height} = gd.getBoundingClientRect(), ratio = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const {l, t, w, h} = gd._fullLayout._size;
    pen.save();
    pen.beginPath();
    pen.rect(l, t, w, h);
    pen.clip();
    return [pen, width, height];
  }

  // ---- drawing

  function ring(pen, at, radius, stroke, width) {
    if (!at) return;
    pen.beginPath();
    pen.arc(at[0], at[1], radius, 0, 7);
    pen.lineWidth = width + 2;
    pen.strokeStyle = colour("--hs-panel");
    pen.stroke();
    pen.lineWidth = width;
    pen.strokeStyle = stroke;
    pen.stroke();
  }

  function text(pen, at, words, fill) {
    pen.font = "12px system-ui, sans-serif";
    pen.lineWidth = 3;
    pen.lineJoin = "round";
    pen.strokeStyle = colour("--hs-panel");
    pen.strokeText(words, at[0] + 8, at[1] + 4);
    pen.fillStyle = fill;
    pen.fillText(words, at[0] + 8, at[1] + 4);
  }

  function drawHits(gd, pen, width, height, ink) {
    pen.fillStyle = colour("--hs-veil");
    pen.fillRect(0, 0, width, height);
    for (const role of ["key", "query"])
      for (const token of state.hits) {
        const at = pixel(gd, role, token);
        if (!at) continue;
        pen.beginPath();
        pen.arc(at[0], at[1], 4.5, 0, 7);
        pen.fillStyle = ink[role];
        pen.fill();
        pen.lineWidth = 1.5;
        pen.strokeStyle = colour("--hs-ink");
        pen.stroke();
      }
  }

  // Names of points, as many as fit without covering one another.
  function drawLabels(gd, pen, width, height, ink) {
    const taken = new Set(), n = state.tokens.strings.length;
    const only = state.hits.length ? state.hits : null;
    for (let i = 0; i < (only ? only.length : n); i++) {
      // a fixed stride through the tokens, so that no passage is preferred
      const token = only ? only[i] : (i * 7919) % n;
      for (const role of ["query", "key"]) {
        const at = pixel(gd, role, token);
        if (!at || at[0] < 0 || at[1] < 0 || at[0] > width || at[1] > height) continue;
        const words = state.tokens.strings[token].slice(0, 16);
        const row = Math.floor(at[1] / 15), first = Math.floor(at[0] / 12);
        const last = Math.floor((at[0] + 12 + 7 * words.length) / 12);
        let free = true;
        for (let c = first; c <= last && free; c++) free = !taken.has(row * 4096 + c);
        if (!free) continue;
        for (let c = first; c <= last; c++) taken.add(row * 4096 + c);
        text(pen, at, words, ink[role]);
      }
    }
  }

  // [attention, token] of the lines to draw: the strongest, and the pair that was clicked.
  window.headscope.strongest = ({selection, weights, start}) => {
    const found = weights.map((w, i) => [w, i + start]).filter(([w]) => w >= state.least)
      .sort((a, b) => b[0] - a[0]).slice(0, state.most);
    if (selection.other != null && !found.some(([, t]) => t === selection.other))
      found.push([weights[selection.other - start] || 0, selection.other]);
    return found;
  };

  // Lines from the selected query to its strongest keys, or from a key to the queries that look at it.
  function drawLinks(gd, pen, link, ink) {
    const {selection, weights} = link, other = selection.role === "query" ? "key" : "query";
    const from = pixel(gd, selection.role, selection.token);
    if (!from || !weights) return;
    const strongest = window.headscope.strongest(link);
    for (const [w, token] of strongest.slice().reverse()) {
      const to = pixel(gd, other, token), chosen = token === selection.other;
      if (!to) continue;
      pen.beginPath();
      pen.moveTo(...from);
      pen.lineTo(...to);
      pen.globalAlpha = chosen ? 1 : 0.4 + 0.6 * w;
      pen.lineWidth = chosen ? Math.max(2.5, 6 * w) : 1.2 + 5 * w;
      pen.strokeStyle = ink[selection.role];
      pen.stroke();
      pen.globalAlpha = 1;
    }
    const places = [];
    for (const [w, token] of strongest) {
      const to = pixel(gd, other, token);
      if (!to) continue;
      ring(pen, to, token === selection.other ? 7 : 4, ink[other], token === selection.other ? 3 : 1.5);
      if (places.some(p => Math.abs(p[0] - to[0]) < 70 && Math.abs(p[1] - to[1]) < 14)) continue;
      places.push(to);
      text(pen, to, `${state.tokens.strings[token]} ${w.toFixed(2)}`, ink[other]);
    }
    ring(pen, from, 8, ink[selection.role], 3);
    text(pen, [from[0] + 3, from[1] - 10], state.tokens.strings[selection.token], ink[selection.role]);
  }

  function draw(side) {
    const gd = plot(`qk-map${side}`);
    if (!gd || !state.tokens) return;
    if (gd._fullLayout.scene) { window.headscope.drawInSpace(gd, side); return; }
    const [pen, width, height] = canvasOf(gd);
    const ink = {query: colour("--hs-query"), key: colour("--hs-key")};
    if (state.hits.length) drawHits(gd, pen, width, height, ink);
    if (state.labels) drawLabels(gd, pen, width, height, ink);
    if (links[side] && links[side].selection) drawLinks(gd, pen, links[side], ink);
    for (const mark of state.hover || [])
      ring(pen, pixel(gd, mark.role, mark.token), 9, ink[mark.role], 3);
    pen.restore();
    gd.dataset.marks = JSON.stringify(state.hover || []);  // what is ringed, for screen tests
  }
  const drawAll = () => SIDES.forEach(draw);

  // Frames round the open heads in the two grids.
  function frame(id) {
    const gd = plot(id);
    if (!gd) return;
    const comparing = document.getElementById("main").classList.contains("comparing");
    for (const side of SIDES) {
      let box = gd.querySelector(`:scope > .head-frame${side}`);
      if (!box) {
        box = document.createElement("div");
        box.className = `head-frame head-frame${side}`;
        box.textContent = side ? "B" : "A";
        gd.appendChild(box);
      }
      const [layer, head] = ["layer", "head"].map(w => +document.getElementById(`${w}-select${side}`).value);
      const {xaxis, yaxis} = gd._fullLayout;
      const [x0, x1] = [head - 0.5, head + 0.5].map(v => xaxis._offset + xaxis.d2p(v));
      const [y0, y1] = [layer - 0.5, layer + 0.5].map(v => yaxis._offset + yaxis.d2p(v));
      box.hidden = side !== "" && !comparing;
      Object.assign(box.style, {left: `${x0}px`, top: `${y0}px`, width: `${x1 - x0}px`, height: `${y1 - y0}px`});
    }
  }

  // ---- the hover card

  const card = () => {
    let box = document.getElementById("card");
    if (!box) {
      box = document.createElement("div");
      box.id = "card";
      box.setAttribute("role", "tooltip");
      document.body.appendChild(box);
    }
    return box;
  };

  function words(from, to, marked) {
    const box = document.createElement("p");
    if (from > state.tokens.starts[state.tokens.passage[marked]]) box.append("… ");
    for (let i = from; i < to; i++) {
      const node = document.createElement(i === marked ? "mark" : "span");
      node.textContent = state.tokens.strings[i];
      box.append(node, " ");
    }
    if (to < state.tokens.starts[state.tokens.passage[marked] + 1]) box.append("…");
    return box;
  }

  function showCard(side, role, token, event) {
    const box = card(), passage = state.tokens.passage[token];
    const [start, end] = [state.tokens.starts[passage], state.tokens.starts[passage + 1]];
    const title = document.createElement("p"), link = links[side];
    title.innerHTML = `<b class="${role}">${role}</b> `;
    title.append(`“${state.tokens.strings[token]}”, token ${token - start} of passage ${passage + 1}`);
    box.replaceChildren(title, words(Math.max(start, token - 18), Math.min(end, token + 19), token));
    if (link && link.selection && link.weights && link.selection.role !== role
        && token >= link.start && token < link.start + link.count) {
      const line = document.createElement("p");
      line.append(`attention ${role === "key" ? "from" : "to"} the selected `
        + `“${state.tokens.strings[link.selection.token]}”: ${link.weights[token - link.start].toFixed(3)}`);
      box.append(line);
    }
    box.hidden = false;
    const {clientX: x, clientY: y} = event, {width, height} = box.getBoundingClientRect();
    box.style.left = `${x + 18 + width > innerWidth ? Math.max(4, x - width - 18) : x + 18}px`;
    box.style.top = `${Math.max(4, Math.min(y + 14, innerHeight - height - 6))}px`;
  }

  function hover(marks) { state.hover = marks; drawAll(); }
  function unhover() { hover(null); card().hidden = true; }

  // ---- the plots' own events

  function attach(id, handlers, after) {
    const gd = plot(id);
    if (!gd || gd.dataset.attached) return;
    gd.dataset.attached = "yes";
    gd.closest(".plot").classList.add("drawn");  // until then the style sheet shows a wait
    for (const [name, handler] of Object.entries(handlers)) gd.on(`plotly_${name}`, handler);
    for (const name of ["afterplot", "relayout", "relayouting"]) gd.on(`plotly_${name}`, after);
    after();
  }

  function attachAll() {
    for (const side of SIDES) {
      const roleOf = e => (e.points[0].curveNumber === 0 ? "query" : "key");
      attach(`qk-map${side}`, {
        click: e => set("selection", {data: {role: roleOf(e), token: e.points[0].pointNumber}}),
        hover: e => {
          const role = roleOf(e), token = e.points[0].pointNumber;
          hover([{role, token}]);
          if (state.tokens) showCard(side, role, token, e.event);
        },
        unhover,
      }, () => draw(side));
      heatmapEvents(`attention-heatmap${side}`, side);
    }
    heatmapEvents("attention-difference", "");
    for (const id of ["head-grid", "induction-grid"])
      attach(id, {
        click: e => {
          const side = e.event.shiftKey && document.getElementById("main").classList.contains("comparing") ? "-b" : "";
          set(`layer-select${side}`, {value: String(e.points[0].y)});
          set(`head-select${side}`, {value: String(e.points[0].x)});
        },
      }, () => frame(id));
  }

  function heatmapEvents(id, side) {
    const pair = e => {
      const start = links[side] ? links[side].start : 0;
      return [start + e.points[0].y, start + e.points[0].x];
    };
    attach(id, {
      click: e => {
        const [query, key] = pair(e);
        set("selection", {data: {role: "query", token: query, other: key}});
      },
      hover: e => {
        const [query, key] = pair(e);
        hover([{role: "query", token: query}, {role: "key", token: key}]);
      },
      unhover,
    }, () => {});
  }

  // ---- the passage in words, each token shaded by its attention

  function passageWords(link, tokens) {
    if (!link || !tokens) return [];
    const html = (type, props) => ({namespace: "dash_html_components", type, props});
    const selection = link.selection, top = Math.max(...(link.weights || [1]), 1e-9);
    const spans = [];
    for (let i = 0; i < link.count; i++) {
      const token = link.start + i, w = link.weights ? link.weights[i] : 0;
      const chosen = selection && (token === selection.token || token === selection.other);
      spans.push(html("Span", {
        children: tokens.strings[token], className: chosen ? "word chosen" : "word",
        style: w ? {"--w": `${Math.round(85 * w / top)}%`} : {},
        title: link.weights ? w.toFixed(3) : undefined, "data-token": String(token), key: String(token),
      }));
    }
    const said = selection
      ? (selection.role === "query" ? "Shaded: where the marked token looks." : "Shaded: which tokens look at the marked one.")
      : "Click a token here, a point of the map or a cell.";
    return [html("P", {children: spans, className: "words"}), html("P", {children: said, className: "note"})];
  }

  document.addEventListener("click", e => {
    const word = e.target.closest("[data-token]");
    if (word) set("selection", {data: {role: "query", token: +word.dataset.token}});
  });

  // ---- client-side callbacks

  const bare = s => s.replace(/^(##|·)/, "").toLowerCase();

  function later(action) { requestAnimationFrame(() => { attachAll(); action(); }); }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {headscope: Object.assign(
    window.dash_clientside.headscope || {}, {
      showTokens(tokens) { state.tokens = tokens || null; later(drawAll); },
      search(wanted, tokens) {
        const word = bare((wanted || "").trim());
        state.hits = [];
        if (!word || !tokens) { later(drawAll); return ""; }
        const all = tokens.strings.map((s, i) => [bare(s), i]);
        const equal = all.filter(([s]) => s === word), found = equal.length ? equal : all.filter(([s]) => s.includes(word));
        state.hits = found.map(([, i]) => i);
        later(drawAll);
        const count = found.length.toLocaleString("en");
        return equal.length || !found.length ? `${count} found` : `${count} contain it`;
      },
      showLines(most, least) {
        Object.assign(state, {most: most ?? 12, least: least ?? 0});
        later(drawAll);
      },
      showLabels(on) { state.labels = !!on; later(drawAll); },
      showSelection(selection) { state.selection = selection; },
      frameHeads() { later(() => ["head-grid", "induction-grid"].forEach(frame)); },
      showLinks(link, tokens) { links[""] = link; later(() => draw("")); return passageWords(link, tokens); },
      showLinksB(link, tokens) { links["-b"] = link; later(() => draw("-b")); return passageWords(link, tokens); },
    })});

  // Plots come and go with Dash's rendering; look for new ones whenever the page changes.
  new MutationObserver(attachAll).observe(document.documentElement, {childList: true, subtree: true});
  window.addEventListener("resize", () => requestAnimationFrame(drawAll));
})();
