// Client-side callbacks: what is asked for, the address, the keyboard. Nothing here draws.
(() => {
  const {byId, set, skip, triggered, partOf, counted} = window.headscope;

  // What was asked for last. It is not a dcc.Store: a failed request must be forgotten quietly,
  // without asking for anything.
  let asked = {};
  const same = (a, b) => a && b && a.model === b.model && a.text === b.text && (a.part || "") === (b.part || "");
  const openNow = run => ({model: run.spec, text: run.text, part: partOf(run)});

  const PAIR = "source ⇥ target; without a target the model writes one";

  // Imported vectors have one text, their own, which is called as they are.
  const IMPORTED = "imported:", isImported = name => (name || "").startsWith(IMPORTED);
  window.headscope.isImported = isImported;
  const firstText = () => [...byId("text-select").options].map(o => o.value).find(value => value && !isImported(value));

  // What knows no words but those of a text of its own brings that along, as imported vectors do.
  const BROUGHT = {"demo-pairs": "pairs"};
  const brings = (model, text) => (BROUGHT[model] && !text.startsWith("own-") ? BROUGHT[model] : text);

  const isOpen = () => same(asked, openNow(window.headscope.run));

  // With nothing open there is nothing to draw: say what to do instead.
  function nothing(yes) {
    byId("nothing").hidden = !yes;
    byId("main").hidden = yes;
  }

  // `linked`: nobody but the address has named the model (strangers.js). `part` is of an
  // encoder–decoder, without one its encoder; `layers` are those to store, where they are not those that are usually stored.
  function ask(model, text, linked = false, part = "", layers = null) {
    asked = {model, text, linked, ...(part && {part}), ...(layers && {layers})};
    nothing(false);
    window.headscope.stale.opening(!!window.headscope.run && !isOpen());
    window.headscope.messages.close();  // what it told is over
    return asked;
  }

  // Ask for what is open, with other layers stored.
  window.headscope.askWith = layers => ask(asked.model, asked.text, asked.linked, asked.part, layers.sort((a, b) => a - b).join());

  // A selector's options with one more, if it isn't among them; it goes before the last ("other").
  function including(options, value, label) {
    if (options.some(o => o.value === value)) return options;
    return [...options.slice(0, -1), {value, label}, options[options.length - 1]];
  }

  const short = name => (name.length > 160 ? `${name.slice(0, 80)} … ${name.slice(-80)}` : name);
  const within = (value, n) => String(Math.min(Math.max(parseInt(value, 10) || 0, 0), n - 1));

  // How many of a text's tokens the model does not know, if that is more than 1 %: their share, and a sentence.
  function unknownOf({unknown, strings, special}) {
    const all = strings.length - special.length, share = `${(100 * unknown / all).toFixed(1)} %`;
    return unknown > 0.01 * all ? [share, `${unknown.toLocaleString("en")} of ${all.toLocaleString("en")} tokens (${share}, special ones `
      + "left out) are unknown to this model: they all look the same to it."] : ["", ""];
  }

  // What people paste: a path in quotes, the address of a model's page on the hub.
  function pasted(spec) {
    const bare = spec.trim().replace(/^(["'])(.*)\1$/, "$2").trim();
    const page = bare.match(/^(?:https?:\/\/)?(?:www\.)?(?:huggingface\.co|hf\.co)\/([\w.-]+(?:\/[\w.-]+)?)(?:\/tree\/main)?\/?$/);
    return page ? page[1] : bare;
  }

  const ofPictures = run => window.headscope.pictures.ofPictures(run);

  // How much a run holds, in words: of an encoder–decoder also which tokens these are.
  window.headscope.sizeOf = run => {
    const number = n => n.toLocaleString("en"), {part} = run.model, whole = ofPictures(run) ? "picture" : "passage";
    const side = {encoder: " source", decoder: " target"}[part] || "";
    const tokens = part === "cross" ? `${number(run.tokens)} target → ${number(run.keys)} source` : `${number(run.tokens)}${side}`;
    return `${tokens} tokens in ${number(run.passages)} ${run.passages === 1 ? whole : `${whole}s`}`;
  };

  // The precision that a model computes in, where it is not the usual one.
  window.headscope.precisionOf = ({dtype}) => (dtype && dtype !== "float32" ? dtype : "");

  // A selector says what was asked for, also where that could not be opened.
  function selects(what, value) {
    const now = [...byId(`${what}-select`).options].map(o => ({value: o.value, label: o.text}));
    set(`${what}-select`, {options: including(now, value, what === "text" ? "a text that is not here" : short(value)), value});
  }

  document.addEventListener("click", event => event.target.id === "model-note" && event.target.classList.toggle("whole"));

  const missing = (id, content) => (byId(id).firstChild ? skip() : content);

  window.headscope.callbacks({
    readUrl(search, defaults, fields) {
      if (!defaults || !window.headscope.address.take("", fields, search)) return skip();
      const q = new URLSearchParams(search);
      const model = q.get("model") || defaults.model;
      const text = q.get("text") || (isImported(model) ? model : defaults.text);
      const part = window.headscope.lost.part(q.get("part"));
      window.headscope.lost.text(q.get("text"));
      const {strangers} = window.headscope;
      if (model !== defaults.model && strangers.foreign(model)) {
        asked = {model, text, linked: true, part};
        const open = (...what) => set("request", {data: ask(...what)});
        strangers.pass(model, linked => open(model, text, linked, part), () => open(defaults.model, defaults.text), true);
        return skip();
      }
      const asking = ask(model, text, false, part);
      window.headscope.firstHead.begin(asking, defaults.known);
      // Both or none: `pick` would take one alone for a choice, and ask for something else.
      const wanted = [["model-select", asking.model], ["text-select", asking.text]];
      if (wanted.every(([id, value]) => [...byId(id).options].some(o => o.value === value)))
        for (const [id, value] of wanted) set(id, {value});
      return asking;
    },

    // The model and text selectors: ask for what they say, or open a dialog.
    pick(model, text) {
      if (model === "other") {
        set("model-dialog", {is_open: true});
        if (asked.model) set("model-select", {value: asked.model});
        return skip();
      }
      if (text === "own") {
        set(ofPictures(window.headscope.run) ? "picture-dialog" : "text-dialog", {is_open: true});
        if (window.headscope.run && window.headscope.run.model.part) set("text-pairs", {open: true});
        if (asked.text) set("text-select", {value: asked.text});
        return skip();
      }
      // Before the address is read nothing was asked for yet.
      if (!asked.model || (model === asked.model && text === asked.text)) return skip();
      // Of the two the one that was chosen takes the other along.
      if (model !== asked.model && isImported(model)) text = model;
      else if (text !== asked.text && isImported(text)) model = text;
      else if (model !== asked.model && (isImported(text) || text === BROUGHT[asked.model])) text = firstText();
      if (model !== asked.model) text = brings(model, text);
      if (model === asked.model && text === asked.text) return skip();
      return ask(model, text, false, model === asked.model ? asked.part : "");
    },

    // Another part of the open encoder–decoder.
    pickPart(chosen) {
      const {run} = window.headscope, part = chosen === "encoder" ? "" : chosen;
      if (!run || !run.model.part || asked.model !== run.spec || part === (asked.part || "")) return skip();
      return ask(asked.model, asked.text, false, part);
    },

    typed(_clicks, _submits, spec) {
      spec = pasted(spec || "");
      if (!spec) {
        window.headscope.messages.wrong("model-dialog", "Type the id of a model or its folder first.", "model-input");
        return skip();
      }
      set("model-dialog", {is_open: false});
      if (isImported(asked.text)) return ask(spec, isImported(spec) ? spec : firstText());
      return ask(spec, isImported(spec) ? spec : asked.text);
    },

    again(_) { return ask(asked.model, asked.text, asked.linked, asked.part, asked.layers); },
    instead(_, defaults) { return ask(defaults.model, defaults.text); },

    // A run is open: fit the selectors to it, in one step with the run itself, so that no figure
    // is asked for a head that the new model does not have.
    fit(run, models, texts, layer, head) {
      if (!run) return Array(10).fill(skip());
      const m = run.model, layers = counted(m.layers, run.held), heads = counted(m.heads);
      const at = within(layer, m.layers), shown = window.headscope.layerOf(run, at);
      asked = openNow(run);
      const before = window.headscope.run;
      if (before && (before.key !== run.key)) {
        window.headscope.passages.stayWithSentence();
        set("selection", {data: null});
        window.headscope.firstHead.tell("");
        window.headscope.stale.all();
        if (byId("patterns-cells")) set("patterns-cells", {value: ""});  // painted on other tokens
      }
      window.headscope.run = run;
      window.headscope.stale.opening(false);
      window.headscope.lost.tell(run);
      byId("rotation-field").hidden = !m.rotary;
      if (byId("part-field")) byId("part-field").hidden = !m.part;
      if (byId("by-value")) byId("by-value").disabled = run.values === false;
      // What runs text through the model.
      const words = m.weights && !ofPictures(run), why = m.weights ? "reads pictures" : "holds imported vectors, no model";
      for (const link of document.querySelectorAll(".to-trials, #induction-more")) link.hidden = !words || !!m.part;
      const sentence = byId("ghost-input");
      if (sentence) Object.assign(sentence, {disabled: !words, title: words ? (m.part ? PAIR : "") : `${m.name} ${why}: no sentence can be read by it.`});
      window.headscope.pictures.name(run);
      document.documentElement.style.setProperty("--layers", m.layers);  // the grids' height follows
      return [
        run, layers, shown, heads, within(head, m.heads),
        including(models, run.spec, m.name), run.spec,
        window.headscope.pictures.readable(including(texts, run.text, run.title), run), run.text, m.part || "encoder",
      ];
    },

    // After a failure the selectors go back to what is open.
    revert(open) {
      const run = window.headscope.run;
      if (open && !run) {
        nothing(true);
        const text = [...byId("text-select").options].find(o => o.value === asked.text);
        const named = {model: asked.model, text: asked.text};
        if (asked.model && asked.text) for (const [what, value] of Object.entries(named)) selects(what, value);
        byId("nothing-what").textContent = asked.model
          ? `“${short(asked.model)}” could not be opened with ${text ? `“${text.text}”` : "that text"}.`
          : "Nothing is open yet.";
      }
      if (!open || !run || isOpen()) return;
      window.headscope.stale.opening(false);
      asked = openNow(run);
      set("model-select", {value: run.spec});
      set("text-select", {value: run.text});
      if (run.model.part) set("part-select", {value: run.model.part});
    },

    // Tokens come a moment after their run; what is told of them comes then.
    state(run, tokens) {
      if (!run) return "";
      const m = run.model, kv = m.kv_heads < m.heads ? `, ${m.kv_heads} key-value heads` : "";
      const span = (children, className, title) =>
        ({namespace: "dash_html_components", type: "Span", props: {children, className, title}});
      const precision = window.headscope.precisionOf(m), half = precision ? ` · ${precision}` : "";
      const part = m.part ? `${window.headscope.partNamed(run)}: ` : "";
      const facts = `${part}${m.layers} × ${m.heads} heads${kv}${half} · ${window.headscope.sizeOf(run)}`;
      const [share, unknown] = tokens && tokens.run === run.key ? unknownOf(tokens) : ["", ""];
      const notes = [unknown, ...run.notes, m.note].filter(Boolean).join(" ");  // of the text first: it is cut at its end
      const note = {namespace: "dash_html_components", type: "Button",
        props: {children: notes, className: "model-note", title: notes, id: "model-note", hidden: !notes}};
      return [span(share ? [`${facts} · `, span(`${share} unknown`, "unknown")] : facts, "facts", unknown || facts), note];
    },

    // What is made when it is first shown (components/page/lazy_mount.py).
    makeStage(shown, {stages}) {
      return Object.entries(stages).map(([id, content]) => (id === `stage-${shown}` ? missing(id, content) : skip()));
    },
    makeSecond(on, {second}) {
      return [...Object.entries(second).map(([id, content]) => (on ? missing(id, content) : skip())), !!on];
    },
    // Of the stages one is shown; plots that were hidden learn their size.
    showStage(name) {
      if (window.headscope.run) window.headscope.messages.close();
      for (const stage of document.querySelectorAll(".stage")) stage.hidden = stage.id !== `stage-${name}`;
      window.dispatchEvent(new Event("resize"));
    },
    // A job's progress is told again and again; only a new frame is worth a redraw.
    nextFrame(frame, shown) {
      return frame && (!shown || shown.frame !== frame.frame) ? frame : skip();
    },
    // The points that are lassoed, with the heads to describe them in; nothing while there are none.
    lassoed(run, layer, head, side, lasso, before) {
      const columns = run ? [[run.key, +layer, +head]] : [];
      if (side) columns.push([side.run.key, side.layer, side.head]);
      const some = lasso && columns.some(([key]) => key === lasso.run) && lasso.queries.length + lasso.keys.length;
      if (!some) return before ? null : skip();
      return {run: lasso.run, queries: lasso.queries, keys: lasso.keys, columns};
    },
    // A sentence to add to the map; an empty one takes the old one away.
    ghostWanted(typed, run, ghost, wanted, selection) {
      const sentence = (typed || "").split(/\s+/).join(" ").trim();
      if (!run || !(sentence || ghost || wanted)) return [skip(), skip()];
      if (sentence && triggered("ghost-input")) window.headscope.passages.openSentence(selection);
      const {part} = run.model;  // it is read by all parts, and placed in the map of this one
      return [sentence ? {sentence, model: run.spec, ...(part && {part})} : null, null];
    },
    // The held-out number stands as long as it belongs to the map that is shown.
    heldOut(found, run, ...shown) {
      const same = found && run && JSON.stringify(found.shown) === JSON.stringify([run.key, ...shown]);
      return same ? found.said : "";
    },
    toggle(_, on) { return !on; },
    toggleTheme() {
      const theme = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
      document.cookie = `headscope-theme=${theme}; max-age=31536000; samesite=strict`;
      return theme;
    },
    // The server knows the theme that was chosen here; on a first visit the system's is taken.
    applyTheme(theme) {
      const chosen = /headscope-theme=/.test(document.cookie) || document.documentElement.dataset.bsTheme;
      if (!chosen && matchMedia("(prefers-color-scheme: dark)").matches) theme = "dark";
      if (!chosen && theme === "dark") set("theme", {data: theme});
      document.documentElement.dataset.bsTheme = theme;
      return theme === "dark" ? "Light" : "Dark";
    },
    // A head compared with itself shows nothing: the button begins with its neighbour.
    toggleCompare(_, on) {
      const same = ["layer", "head"].every(w => byId(`${w}-select`).value === byId(`${w}-select-b`).value);
      if (!on && same && window.headscope.run && !window.headscope.runB) step("head-select-b", 1);
      return !on;
    },
    compare(on) {
      byId("main").classList.toggle("comparing", !!on);
      window.dispatchEvent(new Event("resize"));
      return !on;
    },
  });

  // Which option an arrow key leads to.
  function step(id, by) {
    const run = (id.endsWith("-b") && window.headscope.runB) || window.headscope.run;
    const {layers, heads} = run.model, n = id.startsWith("layer") ? layers : heads;
    let next = +byId(id).value;
    do next = (next + by + n) % n; while (id.startsWith("layer") && !window.headscope.isStored(run, next));
    set(id, {value: String(next)});
  }

  const ARROWS = {
    ArrowLeft: ["head-select", -1], ArrowRight: ["head-select", 1],
    ArrowUp: ["layer-select", -1], ArrowDown: ["layer-select", 1],
  };

  document.addEventListener("keydown", e => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.target.closest("input, textarea, select, [contenteditable], .modal, .offcanvas, [role=slider]")) return;
    if (e.key === "/") {
      const fields = [...document.querySelectorAll("#main input[type=search]")];
      (fields.find(field => field.offsetParent) || byId("token-search")).focus();
      e.preventDefault();
      return;
    }
    if (e.key === "Escape") {
      if (!window.headscope.closes(e) && !window.headscope.closeNotes()) window.headscope.passages.leave();
      return;
    }
    const arrow = ARROWS[e.key];
    if (!arrow || !window.headscope.run) return;
    const side = e.shiftKey && window.headscope.comparing() ? "-b" : "";
    step(arrow[0] + side, arrow[1]);
    e.preventDefault();
  });
})();
