// The added sentence as a passage that follows the text's last one (components/sentence/sentences.py):
// its tokens are numbered on after those of the text, for whatever looks a token up.
(() => {
  const {byId, set, skip} = window.headscope;
  const longer = new WeakMap();  // by the tokens of a text: the same with those of the sentence
  let sentence = null, other = null;  // as A's model has read it; as B's has, where that is another
  let words = "";  // what was typed

  // The sentence as a run's model has read it.
  const by = ({identity, part}, {model}) => identity === model.identity && (part || "") === (model.part || "");
  const of = run => (run && [sentence, other].find(read => read && by(read, run))) || null;

  // The tokens of a run with the sentence, if its model has read that.
  function withSentence(tokens, run) {
    const own = tokens && of(run);
    if (!own || tokens.run !== run.key) return tokens;
    const kept = longer.get(tokens);
    if (kept && kept.sentence === own) return kept;
    const keys = tokens.keys && own.keys ? joined(tokens.keys, own.keys) : tokens.keys;
    const made = {...joined(tokens, own), sentence: own, keys};
    longer.set(tokens, made);
    return made;
  }

  function joined(tokens, own) {
    const count = tokens.strings.length, passages = tokens.starts.length - 1;
    return {
      ...tokens, own: passages,
      strings: [...tokens.strings, ...own.strings],
      passage: [...tokens.passage, ...own.passage.map(p => p + passages)],
      starts: [...tokens.starts, ...own.starts.slice(1).map(start => start + count)],
      special: [...tokens.special, ...own.special.map(token => token + count)],
    };
  }

  // The trace of a map and the place in it of a token's query or key.
  function inMap(gd, role, token) {
    const own = gd._fullData[role === "query" ? 0 : 1], count = own && own.x ? own.x.length : 0;
    return token < count ? [own, token] : [gd._fullData.find(trace => trace.name === `ghost-${role}`), token - count];
  }

  // What a point of the sentence in a map stands for; null for another point.
  function ofPoint(gd, {curveNumber, pointNumber}) {
    const {name} = gd._fullData[curveNumber] || {}, role = /^ghost-/.test(name) && name.slice(6);
    return role ? {role, token: gd._fullData[role === "query" ? 0 : 1].x.length + pointNumber} : null;
  }

  // B's is left as it is where nothing is said of it.
  function take(sent, sentB) {
    sentence = sent || null;
    if (sentB !== undefined) other = sentB || null;
  }

  // Where a token of the sentence is in the other column: both count it from its own beginning.
  function across(token, here, there, toB) {
    if (!here || !there || here === there) return here && there ? token : null;
    const found = (toB ? there.of_a : here.of_b)[token];
    return found >= 0 ? found : null;
  }

  // The sentence with quotation marks, for captions.
  const named = () => (words ? `“${words.length > 160 ? `${words.slice(0, 160)} …` : words}”` : "");

  window.headscope.sentence = {withSentence, inMap, ofPoint, take, of, across, named};

  window.headscope.callbacks({
    showSentence(sent, sentB, asked) {
      take(sent, sentB);
      words = (sent && asked && asked.sentence) || "";
      window.headscope.sentenceInB();
      return !sent && !(asked && asked.sentence);  // the button is there while it is read, too
    },
    // B reads it too, where it shows another model, or one without some heads.
    ghostWantedB(asked, opened, before) {
      const part = opened && opened.model.part, others = part !== ((asked && asked.part) || "");
      const needed = asked && opened && opened.model.weights && (opened.spec !== asked.model || opened.off || (part && others));
      const next = needed ? {
        model: opened.spec, text: asked.text, off: opened.off || "", method: opened.off ? opened.method : "zero", ...(part && {part}),
      } : null;
      if (JSON.stringify(next) === JSON.stringify(before ?? null)) return;
      set("ghost-b", {data: null});
      set("ghost-b-asked", {data: next});
    },
    removeSentence(clicks) {
      if (!clicks) return skip();
      byId("ghost-input").focus();  // the button goes with the sentence
      return "";
    },
  });
})();
