// What the plots' own events do: the card under the mouse (card.js), selecting, search.
(() => {
  const SIDES = ["", "-b"], ROLES = ["query", "key"];
  const {set, comparing, openHead, plot, card, spanOf} = window.headscope;
  const {state, links, draw, drawAll, frame, hover, tokensOf, pick, follow, lead, settle} = window.headscope;

  // A token's point under the mouse.
  function hoverPoint(side, {role, token}, event) {
    hover([{role, token}], side);
    card.ofPoint(side, role, token, event);
  }

  const spaces = Object.fromEntries(SIDES.map(side => [side, window.headscope.inSpace(`qk-map${side}`, {
    over: point => (point ? hoverPoint(side, point) : card.away()),
    chosen: point => pick(side, point),
  })]));

  // ---- the plots' own events

  function attach(id, handlers, after, moved = () => {}, settled = () => {}) {
    const gd = plot(id);
    if (!window.headscope.attach(gd, handlers)) return;
    window.headscope.hear(gd, "relayout", moved);
    window.headscope.hear(gd, "afterplot", settled);
    settled();
    for (const name of ["afterplot", "relayout", "relayouting"]) window.headscope.hear(gd, name, after);
    after();
  }

  function attachAll() {
    for (const side of SIDES) {
      const space = spaces[side];
      const id = `qk-map${side}`;
      // The point that an event is of: where density is drawn, the nearest one.
      const told = (flat, none = () => {}) => e => {
        const gd = plot(id), [point] = e.points;
        if (gd.layout.meta.shaded && !(point && window.headscope.sentence.ofPoint(gd, point))) {
          const near = e.xvals && window.headscope.nearest(gd, e);
          if (near) flat(near, e.event); else none();
        } else if (point) {
          const own = point.curveNumber < 2 && {role: ROLES[point.curveNumber], token: point.pointNumber};
          const at = own || window.headscope.sentence.ofPoint(gd, point);
          if (at) (e.event ? flat : space.under)(at, e.event);
        }
      };
      attach(id, {
        selected: e => pressedIn(id) && selectPoints(e, side),
        deselect: () => pressedIn(id) && set("lasso", {data: null}),
        click: told(point => pick(side, point)),
        hover: told((point, event) => hoverPoint(side, point, event), card.away),
        unhover: e => (e && e.event ? card.away() : space.under(null)),
        doubleclick: () => { if (window.headscope.section.whole(plot(id))) follow(side, side ? "" : "-b"); },
        webglcontextlost: window.headscope.webglLost,
      }, () => draw(side), change => lead(side, change), () => settle(side));
      heatmapEvents(`attention-heatmap${side}`, side);
    }
    heatmapEvents("attention-difference", "");
    for (const id of ["head-grid", "induction-grid"])
      attach(id, {
        click: e => openHead(e.points[0].y, e.points[0].x, e.event.shiftKey && comparing() ? "-b" : ""),
      }, () => frame(id));
  }

  // Plotly also tells of selections when it draws a figure anew. Only those count that a person made:
  // who pressed in the plot, and did nothing elsewhere since.
  let pressed = null;
  const pressedIn = id => pressed !== null && pressed === plot(id);
  document.addEventListener("pointerdown", e => { pressed = e.target.closest(".js-plotly-plot"); }, true);
  for (const kind of ["keydown", "change"]) document.addEventListener(kind, () => { pressed = null; }, true);

  // Lasso or box: the server sums up what was selected.
  function selectPoints(e, side) {
    if (!e || !e.points) return;  // also fired without points while a figure is redrawn
    const {shaded} = plot(`qk-map${side}`).layout.meta, inside = shaded && window.headscope.within(plot(`qk-map${side}`), e);
    const of = curve => (shaded ? inside[curve]
      : e.points.filter(p => p.curveNumber === curve).map(p => p.pointNumber));
    const run = (side && window.headscope.runB) || window.headscope.run;
    set("lasso", {data: {run: run.key, queries: of(0), keys: of(1)}});
  }

  function heatmapEvents(id, side) {
    const pair = e => {
      // the difference may have other rows than tokens: it says which token of A each one is
      const {y, x} = e.points[0], {tokens, keys} = plot(id).layout.meta || {};
      if (tokens) return [tokens[y], keys[x]];
      const [query, key] = ROLES.map(role => (links[side] ? spanOf(links[side], role).start : 0));
      return [query + y, key + x];
    };
    attach(id, {
      click: e => {
        const [query, key] = pair(e);
        if (query >= 0 && key >= 0) pick(side, {role: "query", token: query, other: key});
      },
      hover: e => {
        const [query, key] = pair(e);
        hover([{role: "query", token: query}, {role: "key", token: key}], side);
        card.ofCell(id, e.points[0].y, e.points[0].x, e.event);
      },
      unhover: card.away,
    }, () => card.renewCell(id));
  }

  // ---- client-side callbacks

  const bare = s => s.replace(/^(##|·)/, "").toLowerCase();

  // Where a word stands that the model reads in pieces: the tokens of each place.
  function inPieces({strings, passage}, word) {
    const spaced = strings.some(s => s.startsWith("·"));
    const goesOn = i => i < strings.length && passage[i] === passage[i - 1]
      && (spaced ? !strings[i].startsWith("·") : strings[i].startsWith("##"));
    const places = [];
    strings.forEach((_, first) => {
      let text = bare(strings[first]), last = first + 1;
      while (text && text.length < word.length && word.startsWith(text) && goesOn(last))
        text += bare(strings[last++]);
      if (text === word) places.push(Array.from({length: last - first}, (_, i) => first + i));
    });
    return places;
  }

  // The same in both roles, where they are of other tokens; then what is said is of each.
  function findBoth(word, sent) {
    const query = find(word, sent);
    if (!sent || !sent.keys) return {hits: {query: query.tokens, key: query.tokens}, said: query.said};
    const key = find(word, sent.keys), said = word && `queries: ${query.said}; keys: ${key.said}`;
    return {hits: {query: query.tokens, key: key.tokens}, said};
  }

  // Tokens that are a word, or else the pieces of it, or else tokens that hold it; and what to say.
  function find(word, sent) {
    if (!word || !sent) return {tokens: [], said: ""};
    const told = (places, how) => ({tokens: places.flat(), said: `${places.length.toLocaleString("en")} ${how}`});
    const all = sent.strings.map((s, i) => [bare(s), i]);
    const only = test => all.filter(([s]) => test(s)).map(([, i]) => i);
    const equal = only(s => s === word);
    if (equal.length) return told(equal, "found");
    const places = inPieces(sent, word);
    if (places.length) return told(places, "found, in pieces");
    const parts = only(s => s.includes(word));
    return told(parts, parts.length ? "contain it" : "found");
  }

  function later(action) { requestAnimationFrame(() => { attachAll(); action(); }); }

  window.headscope.callbacks({
    showTokens(tokens) {
      card.away();  // what is under the mouse belongs to the text that was there before
      state.tokens = tokens || null;
      later(drawAll);
    },
    search(wanted, tokens, tokensB) {
      const word = bare((wanted || "").trim());
      const [found, foundB] = [tokens, tokensB].map(each => findBoth(word, each));
      Object.assign(state, {hits: found.hits, hitsB: foundB.hits});
      later(drawAll);
      return found.said;
    },
    showLines(most, least) {
      Object.assign(state, {most: most ?? 12, least: least ?? 0});
      later(drawAll);
    },
    showLabels(on) { state.labels = !!on; later(drawAll); },
    showLinks(link, tokens, own) {
      window.headscope.sentence.take(own);
      links[""] = link;
      window.headscope.drawWords("passage", link, window.headscope.sentence.withSentence(tokens, window.headscope.run));
      card.renew("");
      later(() => draw(""));
    },
    showLinksB(link, tokens, own, ownB, tokensB) {
      window.headscope.sentence.take(own, ownB);
      links["-b"] = link;
      const run = window.headscope.runB || window.headscope.run, sent = window.headscope.runB ? tokensB : tokens;
      window.headscope.drawWords("passage-b", link, window.headscope.sentence.withSentence(sent, run));
      card.renew("-b");
      later(() => draw("-b"));
    },
  });

  window.headscope.onSelection(selection => { state.selection = selection; });
  window.headscope.onHead(() => later(() => ["head-grid", "induction-grid"].forEach(frame)));

  // Plots come and go with Dash's rendering; look for new ones whenever the page changes.
  new MutationObserver(attachAll).observe(document.documentElement, {childList: true, subtree: true});
})();
