// What the tokens of one column are in the other, and selecting in both (components/compare).
(() => {
  const {set, state, countOf, isCross, ofRole, otherRole} = window.headscope;
  window.headscope.runB = null;  // null: B shows the run of A

  // What belongs to B's own run, once it was sent.
  function own() {
    const run = window.headscope.runB, sent = state.tokensB;
    return run && sent && sent.run === run.key && sent.a === window.headscope.run.key ? sent : null;
  }

  const runOf = side => (side && window.headscope.runB) || window.headscope.run;
  const tokensOf = side => window.headscope.sentence.withSentence(side && window.headscope.runB ? own() : state.tokens, runOf(side));
  const hitsOf = side => (side && window.headscope.runB ? state.hitsB : state.hits);

  // A token in a role, as {role, token}, as the other column has it; null without. Between parts of
  // an encoder–decoder the role may be another one there: the encoder's tokens are keys of the
  // cross-attention.
  function across({role, token}, from, to) {
    if (token == null) return null;
    if (from === to || !window.headscope.runB) return {role, token};
    const runs = [from, to].map(runOf), counts = runs.map(run => countOf(run, role));
    if (token >= counts[0]) {  // of the added sentence, which both may have read
      const [here, more] = [from, to].map(tokensOf);
      const found = here && more && !runs.some(isCross)
        ? window.headscope.sentence.across(token - counts[0], here.sentence, more.sentence, !!to) : null;
      return found === null ? null : {role, token: found + counts[1]};
    }
    const there = own(), way = there && (there.ways ? there.ways[to ? 0 : 1][role]
      : {role, tokens: there[to ? "of_a" : "of_b"]});
    const found = way && way.tokens ? way.tokens[token] : -1;
    return found >= 0 ? {role: way.role, token: found} : null;
  }

  const marksOf = side => (state.hover || []).map(mark => across(mark, state.hoverSide, side)).filter(Boolean);

  // Whether any token of one column is known in the other.
  const paired = sent => !!sent && (!!sent.of_a || (sent.ways || []).some(way => Object.keys(way).length));

  // A selection as the other column has it. Without that token it is of the same passage alone.
  function carried(selection, from, to) {
    if (!selection) return null;
    const found = across(selection, from, to);
    if (found === null) {
      const {role} = selection, [here, there] = [from, to].map(side => ofRole(tokensOf(side), role));
      const passage = here.passage[selection.token ?? selection.near];
      // The added sentence is another passage there, if it is one.
      const near = there.starts[passage >= here.own ? there.own + passage - here.own : passage];
      return near == null ? null : {role, token: null, near};
    }
    const other = across({role: otherRole(selection.role), token: selection.other}, from, to);
    return other === null || other.role === found.role ? found : {...found, other: other.token};
  }

  // What somebody chose to see of a long passage stays while what is selected is in there.
  function within(side, selection) {
    if (selection.window) return selection;
    const link = window.headscope.links[side], chosen = link && link.window && link.window.chosen;
    const tokens = {[selection.role]: selection.token, [otherRole(selection.role)]: selection.other};
    const seen = role => {
      const {start, count} = window.headscope.spanOf(link, role);
      return tokens[role] == null || (tokens[role] >= start && tokens[role] < start + count);
    };
    if (!chosen || !seen("query") || !seen("key")) return selection;
    return {...selection, window: [link.window.rows[0], link.window.columns[0]]};
  }

  // Select a token that was clicked in a column, and its counterpart in the other.
  function pick(side, picked) {
    const selection = within(side, picked);
    if (!side || !window.headscope.runB) { set("selection", {data: selection}); return; }
    set("selection-b", {data: {...selection, run: window.headscope.runB.key}});
    const there = carried(selection, "-b", "");
    if (there && there.token !== null) set("selection", {data: there});
  }

  Object.assign(window.headscope, {ownOfB: own, tokensOf, hitsOf, marksOf, carried, paired, pick});
})();
