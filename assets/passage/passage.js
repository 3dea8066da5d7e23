// The passage in words under a heatmap, each shaded by its attention; and clicks and keys there. In
// cross-attention they are two lines: of the queries' tokens, and of the keys'; so are those of a long
// passage of which other keys are shown than queries. They are not Dash components: a hundred of those, made anew at every click, would slow it down.
(() => {
  const {pick, weight, ofRole, otherRole, spanOf} = window.headscope;

  const element = (name, className) => Object.assign(document.createElement(name), {className});

  // The three paragraphs; made once, and kept while the page is there. The second is that of keys.
  function parts(box) {
    if (!box.firstChild) box.append(element("p", "words"), element("p", "words"), element("p", "note"));
    return box.children;
  }

  const SAID = {query: "Decoder, queries:", key: "Encoder, keys:"};
  const SAID_OF_ONE = {query: "Queries:", key: "Keys:"};  // of two parts of the same passage

  function named(line, role, tokens) {
    const words = (tokens.keys ? SAID : SAID_OF_ONE)[role];
    const said = {"data-said": words, "aria-label": words, role: "group"};  // paragraphs have no name
    for (const [name, value] of Object.entries(said)) {
      if (role) line.setAttribute(name, value); else line.removeAttribute(name);
    }
    line.dataset.side = role;
  }

  function wordOf(token) {
    const word = element("span", "word");
    word.dataset.token = token;
    word.setAttribute("role", "button");
    return word;
  }

  // The words of a passage; those that are there stay, with the focus that one may have.
  function fill(line, {start, count}, strings) {
    const of = `${start} ${strings.slice(start, start + count).join(" ")}`;
    if (line.dataset.of === of) return;
    line.dataset.of = of;
    line.replaceChildren(...Array.from({length: count}, (_, i) => {
      const word = wordOf(start + i);
      word.textContent = strings[start + i];
      return word;
    }));
  }

  // ---- shades, as dark as the cells of the heatmap

  const channels = ink => [1, 3, 5].map(i => parseInt(ink.slice(i, i + 2), 16));

  // A colour of a scale that is given by some of them.
  function between(inks, shade) {
    const place = shade * (inks.length - 1), first = Math.min(Math.floor(place), inks.length - 2);
    const [from, to] = [inks[first], inks[first + 1]].map(channels);
    return from.map((part, i) => Math.round(part + (to[i] - part) * (place - first)));
  }

  // Black or white, whichever can be read on a colour: the contrast is 4.5 at least.
  function on(ink) {
    const [r, g, b] = ink.map(part => (part /= 255) <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b > .179 ? "#000" : "#fff";
  }

  function colour(style, {shades, grey, inks, greys}, i) {
    const ink = shades && shades[i] > .02 && between(grey[i] ? greys : inks, shades[i]);
    style.backgroundColor = ink ? `rgb(${ink.join()})` : "";
    style.color = ink ? on(ink) : "";
  }

  // A line of one role alone is shaded if it has the tokens that the selected one looks at, or that look at it.
  function shade(line, link, role) {
    const {selection} = link, {start, count} = spanOf(link, role), other = selection && otherRole(selection.role);
    const [own, across] = [!role || (selection && role === selection.role), !role || role === other];
    const marked = selection && (own ? selection.token : selection.other), at = marked == null ? 0 : marked - start;
    const stop = at >= 0 && at < count ? at : 0, weights = across ? link.weights : null;
    [...line.children].forEach((word, i) => {
      const token = start + i, chosen = !!selection && !!own && token === selection.token;
      word.classList.toggle("chosen", chosen);
      word.classList.toggle("paired", !!selection && across && !chosen && token === selection.other);
      word.dataset.role = !selection ? "" : chosen ? selection.role : other;  // for the frame's colour
      colour(word.style, across ? link : {}, i);
      word.title = weights ? `attention ${weight(weights[i])}` : "";
      word.tabIndex = i === stop ? 0 : -1;
    });
  }

  // The marked word of a long passage, where it is seen.
  function reveal(line, at) {
    const word = line.children[at];
    if (!word || line.scrollHeight <= line.clientHeight) return;
    const top = word.offsetTop - line.offsetTop;
    if (top < line.scrollTop || top + word.offsetHeight > line.scrollTop + line.clientHeight)
      line.scrollTop = top - line.clientHeight / 2;
  }

  // Where the attention goes (or comes from), and how much the most of it is.
  function said(link, tokens) {
    const {selection, weights, beyond} = link;
    if (!selection) return "Click a token here, a point of the map or a cell.";
    const {start} = spanOf(link, otherRole(selection.role)), {strings} = ofRole(tokens, otherRole(selection.role));
    const most = Math.max(...weights), where = strings[start + weights.indexOf(most)];
    const top = most > 0 ? `most at “${where}”: ${weight(most)}` : "nowhere";
    const what = selection.role === "query" ? "where the marked token looks" : "which tokens look at the marked one";
    const unseen = selection.role === "key" && link.part ? " Tokens that are not shown here may look at it as well, and more." : "";
    return `Shaded in the colours of the heatmap: ${what}; ${top}.${further(beyond)}${unseen}`;
  }

  // What a token of a long passage gives to those that are not shown.
  function further(beyond) {
    if (!beyond) return "";
    const most = beyond.weight > 0 ? `, most to “${beyond.word}”, token ${beyond.place.toLocaleString("en")}: ${weight(beyond.weight)}` : "";
    return ` ${(100 * beyond.share).toFixed(0)} % goes to tokens that are not shown here${most}.`;
  }

  // What leads there: the window keeps its queries, and moves to the key that gets the most.
  function there(id, {selection, window: {rows, columns}, beyond}) {
    const made = Object.assign(element("button", "text-button"), {type: "button", textContent: "Show it"});
    const first = Math.max(0, beyond.place - Math.floor((columns[1] - columns[0]) / 2));
    made.addEventListener("click", () => pick(id.slice("passage".length), {...selection, window: [rows[0], first]}));
    return made;
  }

  window.headscope.inkBetween = between;
  window.headscope.drawWords = (id, link, tokens) => {
    const box = document.getElementById(id);
    if (!box || !link || !tokens || window.headscope.pictures.drawPassage(box, link, tokens)) return;
    const keys = spanOf(link, "key"), apart = tokens.keys || keys.start !== link.start || keys.count !== link.count;
    const [line, ofKeys, note] = parts(box), roles = apart ? ["query", "key"] : [""];
    [line, ofKeys].forEach((each, i) => {
      each.hidden = i >= roles.length;
      if (each.hidden) each.replaceChildren(); else words(each, link, tokens, roles[i]);
    });
    note.replaceChildren(said(link, tokens), ...(link.beyond && link.beyond.weight > 0 ? [" ", there(id, link)] : []));
  };

  function words(line, link, tokens, role) {
    const focused = line.contains(document.activeElement), {selection} = link, {start} = spanOf(link, role);
    named(line, role, tokens);
    fill(line, spanOf(link, role), ofRole(tokens, role).strings);
    shade(line, link, role);
    if (focused && !line.contains(document.activeElement)) line.querySelector("[tabindex='0']").focus({preventScroll: true});
    const seen = selection && (!role || role === selection.role ? selection.token : selection.other);
    // Not at once: the browser would have to lay the page out for it, and again for the picture.
    if (seen != null) requestAnimationFrame(() => reveal(line, seen - start));
  }

  document.addEventListener("click", e => {
    const word = e.target.closest("[data-token]");
    if (!word) return;
    const role = word.closest(".words").dataset.side || "query";
    pick(word.closest("#passage-b") ? "-b" : "", {role, token: +word.dataset.token});
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
