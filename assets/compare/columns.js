// What the tokens of one column are in the other, and selecting in both (components/compare).
(() => {
  const {set, state} = window.headscope;
  window.headscope.runB = null;  // null: B shows the run of A

  // What belongs to B's own run, once it was sent.
  function own() {
    const run = window.headscope.runB, sent = state.tokensB;
    return run && sent && sent.run === run.key && sent.a === window.headscope.run.key ? sent : null;
  }

  const runOf = side => (side && window.headscope.runB) || window.headscope.run;
  const tokensOf = side => window.headscope.sentence.withSentence(side && window.headscope.runB ? own() : state.tokens, runOf(side));
  const hitsOf = side => (side && window.headscope.runB ? state.hitsB : state.hits);

  // A token of one column as the other has it; null without.
  function across(token, from, to) {
    if (from === to || !window.headscope.runB || token == null) return token;
    const [counts, [here, more]] = [[from, to].map(side => runOf(side).tokens), [from, to].map(tokensOf)];
    if (token >= counts[0]) {  // of the added sentence, which both may have read
      const found = here && more ? window.headscope.sentence.across(token - counts[0], here.sentence, more.sentence, !!to) : null;
      return found === null ? null : found + counts[1];
    }
    const there = own() && own()[to ? "of_a" : "of_b"];
    return there && there[token] >= 0 ? there[token] : null;
  }

  const marksOf = side => (state.hover || [])
    .map(({role, token}) => ({role, token: across(token, state.hoverSide, side)}))
    .filter(mark => mark.token !== null);

  // A selection as the other column has it. Without that token it is of the same passage alone.
  function carried(selection, from, to) {
    if (!selection) return null;
    const token = across(selection.token, from, to);
    if (token === null) {
      const here = tokensOf(from), there = tokensOf(to), passage = here.passage[selection.token ?? selection.near];
      // The added sentence is another passage there, if it is one.
      const near = there.starts[passage >= here.own ? there.own + passage - here.own : passage];
      return near == null ? null : {role: selection.role, token, near};
    }
    const other = across(selection.other, from, to);
    return other == null ? {role: selection.role, token} : {role: selection.role, token, other};
  }

  // Select a token that was clicked in a column, and its counterpart in the other.
  function pick(side, selection) {
    if (!side || !window.headscope.runB) { set("selection", {data: selection}); return; }
    set("selection-b", {data: {...selection, run: window.headscope.runB.key}});
    const there = carried(selection, "-b", "");
    if (there && there.token !== null) set("selection", {data: there});
  }

  Object.assign(window.headscope, {ownOfB: own, tokensOf, hitsOf, marksOf, carried, pick});
})();
