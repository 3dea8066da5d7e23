// The words of a head's examples, and what the one under the mouse, the finger or the keyboard looks
// at, and what looks at it. Each passage brings its words and its links along (components/corpus/examples.py).
(() => {
  const SAID = 4;  // so many are named
  const drawn = new WeakMap();  // what is drawn in a box: its JSON, its links, its words

  const span = (className, text) => Object.assign(document.createElement("span"), {className, textContent: text});

  function draw(box) {
    const said = box.dataset.passage, passage = JSON.parse(said), words = [];
    const [near, special] = [passage.near, passage.special].map(places => new Set(places));
    const parts = [];
    passage.words.forEach((text, i) => {
      if (!near.has(i) && (i === 0 || near.has(i - 1))) parts.push(span("corpus-gap", "… "));
      const names = [special.has(i) && "special", i === passage.place && "of-query", !near.has(i) && "far"];
      const word = span(["corpus-word", ...names].filter(Boolean).join(" "), text);
      if (passage.shades[i]) word.style.setProperty("--w", `${Math.round(.85 * passage.shades[i])}%`);
      words.push(word);
      parts.push(word, " ");
    });
    box.replaceChildren(...parts);
    const links = passage.links.map(row => Array.from({length: row.length / 2}, (_, n) => [row[2 * n], row[2 * n + 1]]));
    drawn.set(box, {said, words, links, place: passage.place});
    box.classList.remove("told");
    whole(box.closest(".corpus-example"), false);  // its place may have held another passage
  }

  function whole(row, open) {
    row.classList.toggle("whole", open);
    row.querySelector(".corpus-whole").textContent = open ? "Less" : "Whole passage";
  }

  function drawAll() {
    for (const box of document.querySelectorAll(".corpus-words[data-passage]"))
      if ((drawn.get(box) || {}).said !== box.dataset.passage) draw(box);
  }

  const named = word => `“${word.textContent}”`;
  const list = (words, pairs) => pairs.sort((a, b) => b[1] - a[1]).slice(0, SAID)
    .map(([at, share]) => `${named(words[at])} ${window.headscope.weight(share / 1000)}`).join(", ");

  function show(box, at) {
    const {words, links} = drawn.get(box), looks = links[at] || [];
    const seen = links.flatMap((row, query) => row.filter(([key]) => key === at).map(([, share]) => [query, share]));
    leave();
    box.classList.add("told");
    words[at].classList.add("now");
    for (const [key, share] of looks) {
      words[key].classList.add("to");
      words[key].style.setProperty("--to", `${Math.round(Math.min(85, 15 + share * .07))}%`);
    }
    for (const [query] of seen) words[query].classList.add("from");
    const to = looks.length ? `looks at ${list(words, looks)}` : "looks at no ordinary word with more than .005";
    const by = seen.length ? `; ${list(words, seen)} look${seen.length === 1 ? "s" : ""} at it` : "; nothing looks at it";
    const told = box.closest(".panel").querySelector(".corpus-told");
    if (told) told.textContent = `${named(words[at])} ${to}${by}.`;
  }

  function leave() {
    for (const box of document.querySelectorAll(".corpus-words.told")) {
      box.classList.remove("told");
      for (const word of drawn.get(box).words) {
        word.classList.remove("now", "to", "from");
        word.style.removeProperty("--to");
      }
    }
  }

  // The box and the place of the word that an event is of.
  function placed(event) {
    const word = event.target.closest && event.target.closest(".corpus-word"), box = word && word.parentElement;
    return box && [box, drawn.get(box).words.indexOf(word)];
  }

  document.addEventListener("pointerover", e => {
    const at = placed(e), walked = document.activeElement.closest(".corpus-words.told");
    if (at) show(...at); else if (!walked && !(e.target.closest && e.target.closest(".corpus-words"))) leave();
  });
  document.addEventListener("click", e => {
    const at = placed(e);
    if (at) show(...at);
    const button = e.target.closest(".corpus-whole"), row = button && button.closest(".corpus-example");
    if (row) whole(row, !row.classList.contains("whole"));
  });

  const STEPS = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1};

  // Arrow keys walk in the words, and leave the open head alone there: so they are heard first.
  document.addEventListener("keydown", e => {
    const box = e.target.closest && e.target.closest(".corpus-words");
    if (!box || !(e.key in STEPS) || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    e.stopPropagation();
    const {words: all, place} = drawn.get(box), words = all.filter(word => word.offsetParent);
    const now = words.findIndex(word => word.classList.contains("now"));
    const next = now < 0 ? words.indexOf(all[place]) : now + STEPS[e.key];
    show(box, all.indexOf(words[Math.min(words.length - 1, Math.max(0, next))]));
  }, true);

  document.addEventListener("focusin", e => {
    if (e.target.matches(".corpus-words:focus-visible") && !e.target.classList.contains("told")) show(e.target, drawn.get(e.target).place);
  });

  new MutationObserver(drawAll).observe(document.documentElement,
    {childList: true, subtree: true, attributes: true, attributeFilter: ["data-passage"]});
})();
