// What all scripts share: `window.headscope` with the few words that they use again and again.
// Loaded first (components/page/scripts.py).
(() => {
  const dash = () => window.dash_clientside;
  const byId = id => document.getElementById(id);
  const set = (id, props) => dash().set_props(id, props);
  const listeners = {head: [], selection: []};
  const ready = gd => gd && gd._fullLayout && gd._fullData && gd._fullData.length;

  // Where the mouse is: what WebGL draws in three dimensions tells of points without it.
  let mouse = {clientX: 0, clientY: 0};
  const follow = ({clientX, clientY}) => { mouse = {clientX, clientY}; };
  for (const name of ["pointermove", "pointerdown"]) document.addEventListener(name, follow, {capture: true, passive: true});

  // What lies over the page closes itself on Escape, before scripts that listen to the document hear of
  // it: so it is looked for at the very beginning.
  let closing = null;
  const OVER = ".popover.show, .dropdown-menu.show";
  window.addEventListener("keydown", e => { closing = e.key === "Escape" && document.querySelector(OVER) ? e : null; }, true);

  window.headscope = {
    run: null,
    byId,
    set,
    skip: () => dash().no_update,
    // Whether a component is among those that a callback runs for; Dash may run it once for several.
    triggered: id => dash().callback_context.triggered.some(({prop_id}) => prop_id.startsWith(`${id}.`)),
    css: name => getComputedStyle(document.documentElement).getPropertyValue(name).trim(),
    comparing: () => byId("main").classList.contains("comparing"),

    // Whether a key closes what lies over the page: then it does nothing else.
    closes: event => event === closing,

    // Functions that answer to Dash's client-side callbacks, by their names.
    callbacks(functions) {
      window.dash_clientside = Object.assign({}, dash(), {headscope: {...(dash() || {}).headscope, ...functions}});
    },

    // The tokens that a role is of: in cross-attention keys are of other tokens than queries. Likewise
    // for a run, of which only their number is known.
    ofRole: (tokens, role) => (tokens && role === "key" && tokens.keys) || tokens,
    countOf: (run, role) => (role === "key" && run.model.part === "cross" ? run.keys : run.tokens),

    otherRole: role => (role === "query" ? "key" : "query"),

    // Where the shown passage is among the tokens of a role: `start` and `count`.
    spanOf: (link, role) => (role === "key" && link.keys) || link,

    // Whether queries and keys of a run are of different tokens.
    isCross: run => !!run && run.model.part === "cross",

    // Which part of its model a run is of, as it is asked for and as the address has it: empty for the
    // encoder, which is the usual one, and for models of one stack.
    partOf: run => (run && run.model.part !== "encoder" && run.model.part) || "",
    // The same in words; nothing for models of one stack. With it, what a model is called.
    partNamed: run => ((run && run.model.part) || "").replace(/^cross$/, "cross-attention"),
    modelNamed: run => [run.model.name, window.headscope.partNamed(run)].filter(Boolean).join(", "),

    // A number with so many decimals, without "-0.00".
    fixed: (value, digits) => value.toFixed(digits).replace(/^-(?=0(\.0*)?$)/, ""),

    // What is to be done whenever another head is open, in either column, or something else is
    // selected: one callback of Dash for all, since each costs milliseconds, whatever it does.
    onHead(listener) { listeners.head.push(listener); },
    onSelection(listener) { listeners.selection.push(listener); },

    // An attention weight in words: never 0 where there is some, and no powers of ten.
    weight(value) {
      const size = Math.abs(value), sign = value < 0 ? "−" : "";
      if (!(size > 0)) return "0";
      return size < 1e-4 ? (sign ? "between −0.0001 and 0" : "below 0.0001") : sign + size.toFixed(size < .01 ? 4 : 3);
    },

    // A selector's options for so many layers or heads; of layers, those that are not stored can't be chosen.
    counted: (n, held = null) => Array.from({length: n}, (_, i) => (!held || held.includes(i)
      ? {value: String(i), label: String(i)} : {value: String(i), label: `${i} · not stored`, disabled: true})),

    // Whether the vectors of a layer are stored: of a large model those of some may be.
    isStored: (run, layer) => !run || !run.held || run.held.includes(+layer),

    nearestStored: (run, layer) => (window.headscope.isStored(run, layer) ? +layer
      : [...run.held].sort((a, b) => Math.abs(a - layer) - Math.abs(b - layer))[0]),

    openHead(layer, head, side = "") {
      const {run, runB, isStored} = window.headscope;
      if (!isStored((side && runB) || run, layer)) return side && runB ? undefined : window.headscope.askForLayer(layer, head);
      set(`layer-select${side}`, {value: String(layer)});
      set(`head-select${side}`, {value: String(head)});
    },

    // ---- plots

    ready,

    // The plot of a graph, once it is drawn.
    plot(id) {
      const gd = document.querySelector(`#${id} .js-plotly-plot`);
      return ready(gd) ? gd : null;
    },

    // Listen to what a plot tells. A listener that fails is reported, but stops nothing: Plotly
    // tells while it draws, and after an exception there would never draw again.
    hear(gd, name, listener) {
      gd.on(`plotly_${name}`, e => {
        try { return listener(e); } catch (problem) { reportError(problem); }
      });
    },

    // Listen to a plot, once; true if that was not done before.
    attach(gd, handlers = {}) {
      if (!gd || gd.dataset.attached) return false;
      gd.dataset.attached = "yes";
      gd.closest(".plot").classList.add("drawn");  // until then the style sheet shows a wait
      for (const [name, handler] of Object.entries(handlers)) window.headscope.hear(gd, name, handler);
      window.headscope.hear(gd, "afterplot", () => window.headscope.stale.drawn(gd));
      window.headscope.stale.drawn(gd);
      return true;
    },

    // Where a cell of a heatmap is, in pixels of its plot.
    cell({_fullLayout: {xaxis, yaxis}}, row, column) {
      const [x0, x1] = [column - .5, column + .5].map(v => xaxis._offset + xaxis.d2p(v));
      const [y0, y1] = [row - .5, row + .5].map(v => yaxis._offset + yaxis.d2p(v));
      return [x0, y0, x1 - x0, y1 - y0];
    },

    // Lay an element over a place of its parent.
    lay(box, left, top, width, height) {
      Object.assign(box.style, {left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px`});
    },

    // ---- what scripts make

    // The part of the page with an id, made at its end if it isn't there; what explains the main part,
    // in there.
    made(id, role) {
      if (!byId(id)) {
        const place = (role === "tooltip" && document.querySelector("main")) || document.body;
        const box = place.appendChild(document.createElement("div"));
        box.id = id;
        box.setAttribute("role", role);
      }
      return byId(id);
    },

    // Put a card beside the mouse, inside the window.
    beside(box, {clientX: x, clientY: y} = mouse) {
      const {width, height} = box.getBoundingClientRect();
      box.style.left = `${x + 18 + width > innerWidth ? Math.max(4, x - width - 18) : x + 18}px`;
      box.style.top = `${Math.max(4, Math.min(y + 14, innerHeight - height - 6))}px`;
    },

    // The pen of an empty canvas of a size, as sharp as the screen is.
    pen(canvas, width, height) {
      const ratio = window.devicePixelRatio || 1, [w, h] = [width, height].map(n => Math.round(n * ratio));
      if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, {width: w, height: h});
      const pen = canvas.getContext("2d");
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, width, height);
      return pen;
    },
  };

  window.headscope.callbacks({
    headsChanged() { listeners.head.forEach(listener => listener()); },
    showSelection(selection) { listeners.selection.forEach(listener => listener(selection)); },
  });
})();
