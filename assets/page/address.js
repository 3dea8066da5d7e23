// The address holds the state of the page: what is open, which controls say what, what is selected.
// The table of fields comes from Python (components/page/address.py). Each part is read once, when
// it is made, and the whole is written whenever something in it changes. What a stage's controls
// were at first is left out, so that links stay short; but what depends on the model is kept.
(() => {
  const {byId, set, skip} = window.headscope;
  const read = new Set();  // the parts that were read: "" for what is always there, or a stage
  const first = {};        // what the controls of stages were when they were made

  // A field for numbers that is empty, or holds none, gives NaN.
  function said(kind, value) {
    if (kind === "flag") return value ? "1" : "";
    return value == null || Number.isNaN(value) ? "" : Array.isArray(value) ? value.join(",") : String(value);
  }

  // Models that the address names, as far as they may be opened from one (strangers.js).
  function restoreModels({id, kind}, given) {
    const kept = [];
    for (const spec of given.split(",").map(s => s.trim()).filter(Boolean))
      window.headscope.strangers.pass(spec, () => {
        kept.push(spec);
        set(id, {value: kind === "list" ? [...kept] : kept.join(", ")});
      });
  }

  function offered({id, kind}, given) {
    const control = byId(id);
    if (kind === "stage") return !!byId(`stage-${given}`);
    return (kind !== "text" && kind !== "part") || !control || control.tagName !== "SELECT" || [...control.options].some(o => o.value === given && !o.disabled);
  }

  function restore(field, given) {
    if (given === null || given === "NaN") return;
    if (field.kind === "flag") { if (given === "1") set(field.id, {[field.prop]: true}); return; }
    if (field.kind === "models" || field.kind === "list") { restoreModels(field, given); return; }
    if (!offered(field, given)) { if (given) window.headscope.lost.choice(field, given); return; }
    if (field.kind === "part") return;  // what opens the model reads it
    if (field.kind === "place" && !field.late) window.headscope.lost.place(field, given);
    set(field.id, {[field.prop]: given});
  }

  const whole = text => /^\d+$/.test(text || "");

  function selected(q) {
    if (!whole(q.get("token"))) return null;
    const selection = {role: q.get("role") === "key" ? "key" : "query", token: +q.get("token")};
    if (whole(q.get("other"))) selection.other = +q.get("other");
    const at = windowIn(q);
    return at ? {...selection, window: at} : selection;
  }

  // Which part of a long passage is shown: its first query and its first key.
  function windowIn(q) {
    const found = /^(\d{1,8}),(\d{1,8})$/.exec(q.get("window") || "");
    return found && [+found[1], +found[2]];
  }

  // Take from the address what belongs to a part; false if that was done before.
  function take(part, fields, search) {
    if (read.has(part)) return false;
    read.add(part);
    const q = new URLSearchParams(search);
    for (const field of fields.filter(each => each.stage === part)) {
      if (part && field.kind !== "free") first[field.id] = byId(field.id) && byId(field.id).value;
      restore(field, q.get(field.name));
    }
    if (!part) window.headscope.address.brought = q.get("stage");
    const selection = !part && selected(q);
    if (!part && q.get("token")) window.headscope.lost.token(q.get("token"), q.get("sentence"), q.get("role"));
    if (selection) set("selection", {data: selection});
    else if (!part) window.headscope.passages.wish(q.get("passage"), windowIn(q));
    return true;
  }

  window.headscope.address = {take, brought: null};  // `brought`: the stage that the address names

  window.headscope.callbacks({
    readStage(search, fields) {
      const part = window.dash_clientside.callback_context.outputs_list.id.replace(/-address$/, "");
      const taken = take(part, fields, search);
      if (window.headscope.run) window.headscope.lost.tell(window.headscope.run);
      return taken ? search : skip();
    },

    writeAddress(run, selection, shown, opened, comparing, align, selectionB, ...rest) {
      if (!run) return;
      const fields = rest[rest.length - 1], values = rest.slice(0, -1);
      const before = new URLSearchParams(location.search), q = new URLSearchParams({model: run.spec, text: run.text});
      const keep = start => before.forEach((value, name) => { if (name.startsWith(start)) q.set(name, value); });
      const compare = values[fields.findIndex(each => each.name === "compare")];
      fields.forEach(({id, name, kind, stage, late, usual}, i) => {
        const value = kind === "part" ? window.headscope.partOf(run) : said(kind, values[i]);
        if (stage ? stage === shown && read.has(stage) && value !== first[id] : compare || !late)
          if (value && value !== usual) q.set(name, value);
      });
      if (!read.has(shown)) keep(`${shown}-`);
      const passage = window.headscope.passages.inAddress(selection);
      if (passage !== null) q.set("passage", passage);
      for (const part of selection && selection.token !== null ? ["role", "token", "other"] : [])
        if (selection[part] != null) q.set(part, selection[part]);
      if (selection && selection.window) q.set("window", selection.window.join());
      const ofB = window.headscope.addressOfB(run, opened, comparing, align, selectionB);
      if (ofB) Object.entries(ofB).forEach(([name, value]) => q.set(name, value)); else ["b-", "partb"].forEach(keep);
      history.replaceState(history.state, "", `?${q}`);  // does not fire dcc.Location
    },
  });
})();
