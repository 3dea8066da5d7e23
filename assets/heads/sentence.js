// The added sentence as a passage that follows the text's last one (components/heads/sentences.py):
// its tokens are numbered on after those of the text, for whatever looks a token up.
(() => {
  const {byId, skip} = window.headscope;
  const longer = new WeakMap();  // by the tokens of a text: the same with those of the sentence
  let sentence = null;

  const of = run => (sentence && run && run.model.identity === sentence.identity ? sentence : null);

  // The tokens of a run with the sentence, if its model has read that.
  function withSentence(tokens, run) {
    const own = tokens && of(run);
    if (!own || tokens.run !== run.key) return tokens;
    const kept = longer.get(tokens);
    if (kept && kept.sentence === own) return kept;
    const count = tokens.strings.length, passages = tokens.starts.length - 1;
    const made = {
      ...tokens, sentence: own, own: passages,
      strings: [...tokens.strings, ...own.strings],
      passage: [...tokens.passage, ...own.passage.map(p => p + passages)],
      starts: [...tokens.starts, ...own.starts.slice(1).map(start => start + count)],
      special: [...tokens.special, ...own.special.map(token => token + count)],
    };
    longer.set(tokens, made);
    return made;
  }

  // The trace of a map and the place in it of a token's query or key.
  function inMap(gd, role, token) {
    const own = gd._fullData[role === "query" ? 0 : 1], count = own && own.x ? own.x.length : 0;
    return token < count ? [own, token] : [gd._fullData.find(trace => trace.name === `ghost-${role}`), token - count];
  }

  // What a point of the sentence in a map stands for; null for another point.
  function ofPoint(gd, {curveNumber, pointNumber}) {
    const {name} = gd._fullData[curveNumber] || {}, role = /^ghost-/.test(name) && name.slice(6);
    return role ? {role, token: gd._fullData[0].x.length + pointNumber} : null;
  }

  const take = sent => { sentence = sent || null; };

  window.headscope.sentence = {withSentence, inMap, ofPoint, take};

  window.headscope.callbacks({
    showSentence(sent) {
      take(sent);
      return !sent;
    },
    removeSentence(clicks) {
      if (!clicks) return skip();
      byId("ghost-input").focus();  // the button goes with the sentence
      return "";
    },
  });
})();
