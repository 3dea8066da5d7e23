// Column B (components/compare/column_b.py): which run and head it shows, and what is said of it.
(() => {
  const {byId, set, skip, triggered, comparing, state, ownOfB: own, carried, paired, partOf, modelNamed} = window.headscope;
  const equal = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
  const SAME = "same";  // in the dialog; a wish has nothing there
  const PARTS = ["model", "text", "off", "method"];
  const NOTHING = {model: "", text: "", off: "", method: "zero"};
  let asked = null;     // what B's job was asked for and has not opened yet
  let wish = null;      // what was wished for when the present run of B was opened
  let pending = null;   // the wish behind it
  let restored = null;  // what the address says of B's head and selection, until it is open
  let refused = null;   // a wish that could not be fulfilled: the dialog begins with it
  let compared = false; // two heads are shown
  let lacked = null;    // a head that B was to show and does not have

  // A wish names nothing where B shall follow A; of another model it is the encoder then, if it has one.
  function resolved(run, {model, text, off, method, part}) {
    const own = !model || model === run.spec, wanted = own && !run.model.part ? "" : part || (own ? partOf(run) : "");
    const named = wanted === "encoder" ? "" : wanted;
    return {
      model: model || run.spec, text: text || (window.headscope.isImported(model) ? model : run.text),
      off: off || "", method: off ? method : "zero", ...(named && {part: named}),
    };
  }
  const askedFor = run => run && {model: run.spec, text: run.text, off: run.off || "", method: run.method || "zero", ...(partOf(run) && {part: partOf(run)})};
  const ofOne = (a, b) => (a.model.base || a.spec) === (b.model.base || b.spec);
  const has = (run, layer, head) => layer < run.model.layers && head < run.model.heads;
  const shows = (run, layer, head) => has(run, layer, head) && window.headscope.isStored(run, layer);
  const lacking = (run, layer, head) => (has(run, layer, head) ? `Layer ${layer} is not stored of ${said(run)}` : `${run.model.name} has no head ${place(layer, head)}`);

  // B's part of the address; null while it is not known.
  function addressOfB(run, opened, on, align, selection) {
    if (asked && restored) return null;
    const found = {};
    if (on && wish) {
      if (wish.part && (opened || run).model.part) found.partb = wish.part;
      for (const name of PARTS) if (wish[name] && (name !== "method" || wish.off)) found[`b-${name}`] = wish[name];
      if (opened && own() && !paired(own()) && selection) {
        found["b-role"] = selection.role;
        found["b-token"] = selection.token;
      }
    }
    if (on && align === false) found["b-align"] = "0";
    return found;
  }

  Object.assign(window.headscope, {sentenceInB, addressOfB});

  // ---- words

  const place = (layer, head) => `L${layer}H${head}`;
  const said = run => `${modelNamed(run)}${run.model.part ? "," : ""} on ${run.title}`;

  // The run of a model that is open in one of the columns.
  const shownBy = spec => [window.headscope.run, window.headscope.runB].find(run => run && run.spec === spec);

  // What is wrong with a list of heads, as far as it is known without opening the model.
  function wrongHeads(list, run) {
    const some = (list || "").trim();
    if (some && run && run.model.part)
      return `${run.model.name} has an encoder and a decoder: switching heads off is not possible there yet.`;
    for (const word of (list || "").split(/[\s,;]+/).filter(Boolean)) {
      const named = /^L(\d{1,4})(?:H(\d{1,4}))?$/i.exec(word);
      if (!named) return `“${word.slice(0, 40)}” names no head. Write heads as L1H3, L1H2, or L1 for a whole layer.`;
      if (run && !has(run, +named[1], +(named[2] || 0)))
        return `${run.model.name} has no ${word}: its layers are 0 to ${run.model.layers - 1}, its heads 0 to ${run.model.heads - 1}.`;
    }
    return "";
  }

  // What is said beside B's title.
  function noteOf(at) {
    const {run, runB, sentence} = window.headscope;
    const unread = runB && sentence.of(run) && !sentence.of(runB) ? (runB.model.weights ? "Your sentence is not read in B yet." : "Imported vectors can't read your sentence.") : "";
    return [lacked && equal(lacked.shown, at) ? lacked.said : "", unread].filter(Boolean).join(" ");
  }

  // The added sentence was read in one of the columns, or taken away.
  function sentenceInB() {
    const {run, runB} = window.headscope, chosen = state.selection, there = runB && own();
    if (!there || !comparing()) return;
    set("b-note", {children: noteOf(["layer", "head"].map(what => +byId(`${what}-select-b`).value))});
    if (chosen && (chosen.token ?? chosen.near) >= window.headscope.countOf(run, chosen.role) && paired(there)) set("selection-b", {data: carried(chosen, "", "-b")});
  }

  const following = (options, last, label) =>
    [{value: SAME, label}, ...options.filter(o => o.value !== last)];

  // A model with an adapter is offered beside the one that it was made from.
  function withBase(options, base) {
    if (!base) return options;
    const [same, ...others] = options;
    return [same, {value: base, label: `its base, without the adapter (${base})`}, ...others.filter(o => o.value !== base)];
  }

  // The difference is of the passage of the selection.
  function differ(selection) {
    if (compared) set("b-differ", {data: {selection: selection ?? null}});
  }
  window.headscope.onSelection(differ);

  window.headscope.callbacks({
    secondOpen(_, models, texts, now) {
      const {model, text, off, method} = refused || now || {}, run = window.headscope.run;
      const offered = [
        withBase(following(models, "other", `the same as A (${run.model.name})`), run.model.base),
        following(texts, "own", `the same as A (${run.title})`),
      ];
      const listed = !model || offered[0].some(o => o.value === model);
      return [true, ...offered, listed ? model || SAME : SAME, listed ? "" : model, text || SAME, off || "", method || "zero"];
    },

    secondUse(clicks, model, typed, text, off, method) {
      if (!clicks) return skip();
      const named = value => (value === SAME ? "" : value);
      const chosen = (typed || "").trim() || named(model), shown = shownBy(chosen || window.headscope.run.spec);
      const problem = wrongHeads(off, shown);
      if (problem) {
        window.headscope.messages.wrong("b-dialog", problem, "b-off");
        return skip();
      }
      set("b-dialog", {is_open: false});
      refused = null;
      window.headscope.messages.close();
      const next = {model: chosen, text: named(text), off: (off || "").trim(), method};
      if (wish && wish.part && wish.model === next.model) next.part = wish.part;  // its selector is beside B's head
      return next.model || next.text || next.off || next.part ? next : null;
    },

    // Another part of the encoder–decoder that B shows; nothing is wished for where that is A's.
    secondPart(chosen) {
      const {run, runB} = window.headscope, shown = runB || run;
      const now = (asked ? asked.part : partOf(shown)) || "encoder";
      if (!run || !chosen || !shown.model.part || chosen === now) return skip();
      const base = pending && asked ? pending : wish || NOTHING;
      const next = {...base, part: chosen}, plain = {...base};
      delete plain.part;
      if (equal(resolved(run, next), resolved(run, plain))) delete next.part;
      return next.model || next.text || next.off || next.part ? next : null;
    },

    secondSame(clicks) {
      refused = null;
      return clicks ? null : skip();
    },

    secondBase(clicks) {
      refused = null;
      return clicks ? {model: window.headscope.run.model.base, text: "", off: "", method: "zero"} : skip();
    },

    // What the address says of B. Its heads are kept here until it is known which run has them.
    secondRead(search) {
      const q = new URLSearchParams(search), next = {};
      for (const name of PARTS) next[name] = q.get(`b-${name}`) || "";
      next.method = next.method || "zero";
      const part = q.get("partb");
      if (["encoder", "decoder", "cross"].includes(part)) {
        next.part = part;
        if (q.get("compare") === "1") window.headscope.lost.partOfB(part, next.model);
      } else if (part) window.headscope.lost.choice({id: "part-select-b", name: "partb"}, part);
      if (q.get("compare") !== "1" || restored || wish || asked || !(next.model || next.text || next.off || next.part)) return q.get("b-align") !== "0";
      restored = {head: [q.get("layerb"), q.get("headb")], selection: null};
      if (/^\d+$/.test(q.get("b-token") || ""))
        restored.selection = {role: q.get("b-role") === "key" ? "key" : "query", token: +q.get("b-token")};
      const wished = linked => set("b-wish", {data: {...next, linked}});
      if (next.model) window.headscope.strangers.pass(next.model, wished, () => { restored = null; });
      else wished(false);
      return q.get("b-align") !== "0";
    },

    // B follows A where nothing else was wished for; a job opens what is another run.
    secondAsk(run, next) {
      if (!run) return [skip(), skip()];
      const want = next && resolved(run, next);
      if (!want || equal(want, resolved(run, NOTHING))) {
        asked = null;
        wish = next;
        window.headscope.runB = null;
        return [skip(), null];
      }
      if (equal(want, askedFor(window.headscope.runB))) {
        asked = null;
        wish = next;
        return [skip(), skip()];
      }
      asked = want;
      pending = next;
      return [{...want, linked: !!next.linked}, skip()];
    },

    secondFit(opened) {
      if (!opened || !asked || !equal(askedFor(opened), asked)) return [skip(), skip()];
      asked = null;
      wish = pending;
      return [opened, opened];
    },

    // The heads that B can show. A run of B's own, of A's model or its base, begins with A's head.
    secondHeads(run, opened, layer, head, layerB, headB) {
      if (!run || (asked && restored)) return Array(4).fill(skip());
      const before = window.headscope.runB, now = opened || run;
      window.headscope.runB = opened || null;
      let at = [layerB, headB].map(Number);
      if (opened && restored && restored.head) [at, restored.head] = [restored.head.map(Number), null];
      else if (opened && ofOne(opened, run) && !(before && ofOne(before, run))) at = [layer, head].map(Number);
      const {layers, heads, part} = now.model;
      if (byId("part-field-b")) byId("part-field-b").hidden = !part;
      if (part && byId("part-select-b").value !== part) set("part-select-b", {value: part});
      const shown = at.map((n, i) => Math.min(n || 0, (i ? heads : layers) - 1));
      shown[0] = window.headscope.nearestStored(now, shown[0]);
      if (opened) lacked = equal(at, shown) ? null
        : {said: `${lacking(now, ...at)}; this is ${place(...shown)}.`, shown};
      const {counted} = window.headscope;
      return [counted(layers, now.held), String(shown[0]), counted(heads), String(shown[1])];
    },

    // Both runs, where B has its own: their tokens are matched.
    secondRuns(run, opened, kept) {
      const next = run && opened ? {a: run.key, b: opened.key} : null;
      return equal(next, kept) ? skip() : next;
    },

    // What the server draws of B, and for which A; nothing while no two are compared.
    secondShow(run, opened, on, layer, head, layerB, headB, align, tokens, fitted, anyway, ...kept) {
      state.tokensB = tokens || null;
      const nothing = Array(10).fill(skip());
      if (!run || (asked && restored)) return nothing;
      const shown = opened || run, at = [+layerB, +headB], there = own();
      if (opened && !shows(shown, ...at)) {  // a head of A was put there that B's model lacks
        lacked = {said: `${lacking(shown, ...at)}, so B went back to ${run.model.name}.`, shown: at};
        set("b-wish", {data: null});
        return nothing;
      }
      if (!shows(shown, ...at)) return nothing;
      const other = {run, layer: +layer, head: +head}, matched = !opened || (there && there.of_a);
      const next = [
        on ? {run: shown, layer: at[0], head: at[1]} : null,
        on ? other : null,
        on && align && matched ? {...other, fitted: fitted && fitted.name, ...(anyway ? {anyway} : {})} : null,
      ];
      const note = noteOf(at);
      return [
        ...next.map((value, i) => (equal(value, kept[i]) ? skip() : value)),
        said(run), opened ? said(opened) : `the same model${run.model.part ? ", part" : ""} and text`, note,
        opened ? "Change …" : "Another model, text or ablation …",
        !run.model.base || !!opened, !opened, !matched,
      ];
    },

    // While two are compared: the selection as their difference needs it.
    secondDiffer(side) { compared = !!side; differ(state.selection); },

    secondSelect(selection, tokens, side, now) {
      if (!side) return skip();
      if (!window.headscope.runB) return equal(selection, now) ? skip() : selection ?? null;
      state.tokensB = tokens || null;
      const there = own();
      if (!there) return skip();
      const first = restored && restored.selection;
      restored = null;
      if (paired(there)) {
        const back = carried(now, "-b", "");
        return back && equal(back, carried(selection, "", "")) ? skip() : carried(selection, "", "-b");
      }
      if (first) return {...first, run: there.run};
      const stays = selection || !triggered("selection");
      return stays && now && now.run === there.run ? skip() : null;
    },

    // After a failure B shows what it showed.
    secondRevert(open, _asked, header) {
      if (!open || !asked || !triggered("error-toast") || header === "Please note") return;
      if (!byId("open-b-job").hidden) return;  // B's job still runs: the message is of another
      asked = restored = null;
      refused = pending;
      const {run, runB} = window.headscope, {part} = (runB || run).model;
      if (part) set("part-select-b", {value: part});
      // The same wish once more would fail once more, or undo a cancel: then B follows A.
      set("b-wish", {data: equal(pending, wish) ? null : wish});
    },
  });
})();
