// The passage in words under a heatmap, each shaded by its attention; and clicks and keys there.
// They are not Dash components: a hundred of those, made anew at every click, would slow it down.
(() => {
  const {pick} = window.headscope;

  const element = (name, className) => Object.assign(document.createElement(name), {className});

  // The two paragraphs; made once, and kept while the page is there.
  function parts(box) {
    if (!box.firstChild) box.append(element("p", "words"), element("p", "note"));
    return box.children;
  }

  function wordOf(token) {
    const word = element("span", "word");
    word.dataset.token = token;
    word.setAttribute("role", "button");
    return word;
  }

  // The words of the link's passage; those that are there stay, with the focus that one may have.
  function fill(line, link, strings) {
    const of = `${link.start} ${strings.slice(link.start, link.start + link.count).join(" ")}`;
    if (line.dataset.of === of) return;
    line.dataset.of = of;
    line.replaceChildren(...Array.from({length: link.count}, (_, i) => {
      const word = wordOf(link.start + i);
      word.textContent = strings[link.start + i];
      return word;
    }));
  }

  function shade(line, {selection, weights, start, count}) {
    const top = Math.max(...(weights || [1]), 1e-9);
    const at = selection ? selection.token - start : 0, stop = at >= 0 && at < count ? at : 0;
    const other = selection && (selection.role === "query" ? "key" : "query");
    [...line.children].forEach((word, i) => {
      const w = weights ? weights[i] : 0, token = start + i;
      const chosen = !!selection && token === selection.token;
      word.classList.toggle("chosen", chosen);
      word.classList.toggle("paired", !!selection && !chosen && token === selection.other);
      word.dataset.role = !selection ? "" : chosen ? selection.role : other;  // for the frame's colour
      word.style.setProperty("--w", w ? `${Math.round(85 * w / top)}%` : null);
      word.title = weights ? w.toFixed(3) : "";
      word.tabIndex = i === stop ? 0 : -1;
    });
  }

  window.headscope.drawWords = (id, link, tokens) => {
    const box = document.getElementById(id);
    if (!box || !link || !tokens) return;
    const [line, note] = parts(box), {selection} = link;
    fill(line, link, tokens.strings);
    shade(line, link);
    note.textContent = !selection ? "Click a token here, a point of the map or a cell."
      : selection.role === "query" ? "Shaded: where the marked token looks."
        : "Shaded: which tokens look at the marked one.";
  };

  document.addEventListener("click", e => {
    const word = e.target.closest("[data-token]");
    if (word) pick(word.closest("#passage-b") ? "-b" : "", {role: "query", token: +word.dataset.token});
  });

  // Before others hear of the key: elsewhere arrows change the head.
  document.addEventListener("keydown", e => {
    const word = e.target.closest("[data-token]");
    if (!word || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "ArrowLeft") word.previousElementSibling?.focus();
    else if (e.key === "ArrowRight") word.nextElementSibling?.focus();
    else if (e.key === "Enter" || e.key === " ") word.click();
    else return;
    e.preventDefault();
    e.stopPropagation();
  }, true);
})();
