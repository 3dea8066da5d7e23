// Which passage is shown (components/passage/passages.py): by its number, by buttons, by [ and ]. A
// passage that was chosen is a selection without a token, which is near the passage's first one.
(() => {
  const {byId, set, skip, css: colour, ofRole, spanOf} = window.headscope;
  const SENTENCE = "sentence";
  let tokens = null;     // of the text that is open in A, and of an added sentence
  let selection = null;  // as it was set last, perhaps not drawn yet
  let wish = null;       // what the address asks for, until the text is there; or the sentence
  let then = null;       // what was selected when the sentence was wished for
  let wished = null;     // which part of a long passage the address asks for

  const count = () => (tokens ? tokens.starts.length - 1 : 0);
  const ofText = () => (tokens ? tokens.own ?? count() : 0);
  const inSentence = () => shown() >= ofText();

  // The number of the shown passage, from 0.
  function shown() {
    return (tokens && passageOf(tokens, selection)) ?? 0;
  }

  // The number of the passage of a selection, whose token is of the side of its role.
  function passageOf(all, chosen) {
    const near = chosen && (chosen.token ?? chosen.near);
    return near == null ? undefined : ofRole(all, chosen.role).passage[near];
  }

  function open(passage, part) {
    wish = null;
    selection = {role: "query", token: null, near: tokens.starts[passage], ...(part ? {window: part} : {})};
    set("selection", {data: selection});
  }

  function step(by) {
    const next = shown() + by;
    if (tokens && next >= 0 && next < count()) open(next);
  }

  // Open a passage by what somebody typed; a sentence if that is not possible.
  function choose(typed) {
    const said = String(typed ?? "").trim(), number = /^\d{1,9}$/.test(said) ? +said : 0;
    if (number >= 1 && number <= count()) {
      if (number - 1 !== shown()) open(number - 1);
      return true;
    }
    const there = count() === 1 ? "one passage, number 1" : `passages 1 to ${count().toLocaleString("en")}`;
    window.headscope.say(`This text has ${there}; there is no passage “${said.slice(0, 20)}”.`);
    return false;
  }

  // Open the sentence when it is read.
  function wishFor(now) {
    wish = SENTENCE;
    then = now || null;
  }

  // What the address says of the passage; null if a token says it, or nothing.
  function inAddress(chosen) {
    if (chosen && chosen.token !== null) return null;
    if (wish !== null) return wish === SENTENCE ? String(ofText() + 1) : wish;
    return chosen && tokens ? String(passageOf(tokens, chosen) + 1) : null;
  }

  // Open what is wished for, unless it is the sentence, and that is still being read.
  function fulfil(typed) {
    const {run} = window.headscope;
    if (wish === null || !run || tokens.run !== run.key) return;
    const lacks = tokens.own == null, waits = lacks && typed;
    if (waits && (wish === SENTENCE || +wish === ofText() + 1)) return;
    const named = wish, own = wish === SENTENCE, part = wished;
    wish = wished = null;
    if (own && !lacks) open(ofText());
    if (own && lacks) set("selection", {data: selection});  // it won't come: so the address says no more
    if (own) return;
    if (!choose(named)) set("selection", {data: null});  // and so the address goes back, too
    else if (part) open(+named - 1, part);
  }

  // The passage stays when its token is left, and what is shown of a long one: for a second time there
  // is nothing to keep.
  function leave() {
    const part = window.headscope.partOfPassage();
    if (selection && selection.token !== null && (shown() > 0 || part)) open(shown(), part);
    else set("selection", {data: null});
  }

  // ---- the stage "Patterns" shows a passage, too: it is carried there, and back if it was changed

  const there = {stage: null, entered: null};

  // Somebody came to a stage, unless the address brought the page there: then it says the passage.
  function carry(stage) {
    const came = stage === "patterns" && there.stage !== stage, left = there.stage === "patterns" && stage !== there.stage;
    const field = byId("patterns-passage"), {address} = window.headscope;
    there.stage = stage;
    if (came && address.brought === stage) there.entered = new URLSearchParams(location.search).get("patterns-passage") || "1";
    else if (came) there.entered = enter(field);
    else if (left && field.value !== there.entered && +field.value >= 1 && +field.value <= ofText() && +field.value - 1 !== shown())
      open(+field.value - 1);
    if (came) address.brought = null;
  }

  // Painted cells stay in the passage that they were painted in.
  function enter(field) {
    if (!tokens || byId("patterns-cells").value) return field.value;
    if (inSentence()) {
      window.headscope.say("Patterns looks at the passages of the text; your sentence is not one of them.");
      return field.value;
    }
    const now = String(shown() + 1);
    if (field.value !== now) set("patterns-passage", {value: +now});
    return now;
  }

  // ---- its points in the map

  // Rings, a casing under all of them, so that they show among points of their colour.
  function drawPassage(gd, pen, link, ink) {
    const places = {};
    for (const role of ["key", "query"]) {
      const {start, count} = spanOf(link, role);
      places[role] = Array.from({length: count}, (_, i) => window.headscope.pixel(gd, role, start + i)).filter(Boolean);
    }
    const rings = (role, width, stroke) => {
      pen.lineWidth = width;
      pen.strokeStyle = stroke;
      for (const at of places[role]) {
        window.headscope.sign(pen, role, at, 5);
        pen.stroke();
      }
    };
    for (const role of ["key", "query"]) rings(role, 4.5, colour("--hs-panel"));
    for (const role of ["key", "query"]) rings(role, 2, ink[role]);
  }

  window.headscope.passages = {
    inAddress, leave, drawPassage, line, carry,
    wish: (named, part) => { [wish, wished] = [named, part]; },
    openSentence: wishFor,
    stayWithSentence: () => { if (tokens && tokens.own != null && inSentence()) wishFor(selection); },
  };

  // What a chooser shows of a selection: the number, whether one can be typed, what follows it (how
  // many there are, and which of them is the sentence), and which buttons lead nowhere. What stands
  // there already is left: whatever Dash is told goes through all of the page.
  const told = {};
  function line(id, all, chosen) {
    const here = passageOf(all, chosen) ?? 0;
    const last = all.starts.length - 2, own = all.own ?? last + 1, count = `of ${own.toLocaleString("en")}`;
    const said = all.own == null ? count : here >= own ? ": your sentence" : `${count} + yours`;
    const before = told[id] || [];
    told[id] = [String(here + 1), !last, said, here === 0, here >= last];
    return told[id].map((part, i) => (part === before[i] ? skip() : part));
  }

  // What stands there because the page put it there is nobody's choice.
  function typed(id, said) {
    const now = String(shown() + 1);
    if (!tokens || said === now || said === (told[id] || [])[0]) return;
    if (choose(said)) return;
    (told[id] ||= [])[0] = now;
    set(id, {value: now});
  }

  window.headscope.callbacks({
    showPassage(chosen, sent, own, run, typed) {
      selection = chosen || null;
      // Who selects something while the sentence is read stays there. What Dash calls with is no help:
      // it may have waited for other inputs, and names the first alone.
      if (chosen && wish === SENTENCE && chosen !== then) wish = null;
      window.headscope.sentence.take(own);
      tokens = window.headscope.sentence.withSentence(sent || null, run);
      if (!tokens) return Array(5).fill(skip());
      fulfil(typed);
      const gone = selection && (selection.token ?? selection.near) >= ofRole(tokens, selection.role).strings.length;
      if (gone && !typed && tokens.run === run.key) set("selection", {data: null});  // the sentence was taken away
      return line("passage-number", tokens, selection);
    },
    // The sentence that was to be opened could not be read.
    dropSentence(failed) {
      if (!failed || wish !== SENTENCE || !byId("ghost-job").hidden) return;
      wish = null;
      set("selection", {data: null});
    },
    typePassage(said) { typed("passage-number", said); },
    typePassageAll(said) { typed("all-passage-number", said); },
    previousPassage(clicks) { if (clicks) step(-1); },
    nextPassage(clicks) { if (clicks) step(1); },
  });

  document.addEventListener("keydown", e => {
    const brackets = {"[": -1, "]": 1};
    // On some keyboards brackets need AltGr, which says that Ctrl and Alt are down.
    if (!brackets[e.key] || e.metaKey || ((e.ctrlKey || e.altKey) && !e.getModifierState("AltGraph"))) return;
    if (e.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable], .modal, .offcanvas")) return;
    step(brackets[e.key]);
    e.preventDefault();
  });
})();
