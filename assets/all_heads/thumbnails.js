// The stage "All heads", attention of one passage: every head's heatmap as a tile. What is sent is
// 255 times the square root of the attention; where a pixel stands for several pairs, here or on the
// server, it shows the largest.
(() => {
  const all = window.headscope.allHeads ||= {};
  const {byId, css, skip, ofRole, spanOf, isCross} = window.headscope, {state} = all;
  const LEVELS = 256, LEAST = 3;  // the logarithmic scale begins at 10 to the minus this

  // ---- colours

  const channels = colour => [1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16));
  const ramp = () => state.attention.shades[document.documentElement.dataset.bsTheme === "dark" ? "dark" : "light"];

  // The colour of a place on the scale, 0 to 1.
  function shade(stops, share) {
    const at = Math.min(share, 1) * (stops.length - 1), low = Math.min(Math.floor(at), stops.length - 2);
    const [a, b] = [stops[low], stops[low + 1]].map(channels);
    return a.map((c, i) => Math.round(c + (b[i] - c) * (at - low)));
  }

  const attentionOf = level => (level / (LEVELS - 1)) ** 2;
  const shares = {
    one: a => a,
    log: a => (a > 0 ? Math.max(0, 1 + Math.log10(a) / LEAST) : 0),
    head: (a, most) => a / most,
  };

  function colours(most) {
    const stops = ramp(), share = shares[state.heat] || shares.one;
    return Array.from({length: LEVELS}, (_, level) => shade(stops, share(attentionOf(level), most)));
  }

  // ---- pictures

  const levelsOf = at => {
    const {levels, rows, columns} = state.attention;
    return levels.subarray(at * rows * columns, (at + 1) * rows * columns);
  };

  // The largest of the levels that fall on each pixel of a smaller picture.
  function smaller(levels, [rows, columns], [height, width]) {
    const out = new Uint8Array(height * width);
    for (let i = 0, from = 0; i < rows; i++) {
      const row = Math.floor(i * height / rows) * width;
      for (let j = 0; j < columns; j++, from++) {
        const to = row + Math.floor(j * width / columns);
        if (levels[from] > out[to]) out[to] = levels[from];
      }
    }
    return out;
  }

  // A head's heatmap on a canvas of its own, of so many pixels at most.
  function picture(at, most) {
    const {rows, columns} = state.attention, [height, width] = [rows, columns].map(n => Math.min(n, most)), all = levelsOf(at);
    const levels = height < rows || width < columns ? smaller(all, [rows, columns], [height, width]) : all;
    const table = colours(attentionOf(Math.max(1, all.reduce((a, b) => Math.max(a, b), 0))));
    const canvas = Object.assign(document.createElement("canvas"), {width, height});
    const pen = canvas.getContext("2d"), image = pen.createImageData(width, height);
    for (let i = 0; i < levels.length; i++) {
      const colour = table[levels[i]];
      for (let c = 0; c < 3; c++) image.data[4 * i + c] = colour[c];
      image.data[4 * i + 3] = 255;
    }
    pen.putImageData(image, 0, 0);
    return canvas;
  }

  const sharp = width => Math.max(1, Math.round(width * (window.devicePixelRatio || 1)));

  all.drawAttention = (to, at, x, y, width) => {
    to.fade(all.dimmed(at) ? all.DIM : 1);
    to.image(picture(at, sharp(width)), x, y, width);
    to.fade(1);
  };

  // ---- the enlarged picture, with the passage's words

  const ROOM = 62, LINE = 10;  // for words, and for a line of them, in pixels
  const big = () => (innerWidth < 1250 ? 160 : 190);  // the picture
  const wordsOf = role => {
    const tokens = window.headscope.tokensOf(""), {run, sentence} = state.attention, {start, count} = spanOf(state.attention, role);
    const same = tokens && tokens.run === run && (!sentence || (tokens.sentence && tokens.sentence.run === sentence));
    return same ? ofRole(tokens, role).strings.slice(start, start + count) : [];
  };

  // Every word has its name, or every second, third … where there is no room for all.
  function label(pen, queries, keys, width) {
    pen.fillStyle = css("--hs-ink");
    pen.font = `${LINE - 1}px system-ui, sans-serif`;
    pen.textBaseline = "middle";
    const steps = [queries, keys].map(words => Math.max(1, Math.ceil(words.length * LINE / width)));
    const middle = (words, i) => ROOM + (i + .5) * width / words.length;
    pen.textAlign = "right";
    for (let i = 0; i < queries.length; i += steps[0]) pen.fillText(queries[i].slice(0, 10), ROOM - 5, middle(queries, i));
    for (let i = 0; i < keys.length; i += steps[1]) {
      pen.save();
      pen.translate(middle(keys, i), ROOM - 5);
      pen.rotate(-Math.PI / 2);
      pen.textAlign = "left";
      pen.fillText(keys[i].slice(0, 10), 0, 0);
      pen.restore();
    }
    return Math.max(...steps);
  }

  // Draw a head large; returns sentences for the card.
  all.enlarge = (canvas, at) => {
    const [queries, asked] = ["query", "key"].map(wordsOf), width = big(), pen = all.fresh(canvas, ROOM + width, ROOM + width);
    all.onCanvas(pen).image(picture(at, sharp(width)), ROOM, ROOM, width);
    const step = label(pen, queries, asked, width);
    const {rows, columns, count, keys} = state.attention, [row, column] = strongest(at), each = rows === count && columns === keys.count;
    const most = attentionOf(levelsOf(at)[row * columns + column]).toFixed(2);
    return [
      each && queries.length ? `most: “${queries[row]}” to “${asked[column]}” ${most}` : `most: ${most}`,
      isCross(window.headscope.run) ? "rows: decoder, columns: encoder" : "rows: queries, columns: keys",
      step > 1 ? `every ${step === 2 ? "second" : step === 3 ? "third" : `${step}th`} word is named` : "",
      !each ? "a pixel is the largest of its pairs" : "",
    ].filter(Boolean);
  };

  function strongest(at) {
    const levels = levelsOf(at), {columns} = state.attention;
    let best = 0;
    for (let i = 1; i < levels.length; i++) if (levels[i] > levels[best]) best = i;
    return [Math.floor(best / columns), best % columns];
  }

  // ---- which passage

  // The passage of a selection, counted in the text or in the added sentence.
  function wanted(run, tokens, selection) {
    const here = ofRole(tokens, selection && selection.role).passage[selection ? selection.token ?? selection.near : 0] ?? 0;
    return here >= tokens.own ? {run: run.key, passage: here - tokens.own, sentence: tokens.sentence.run}
      : {run: run.key, passage: here, sentence: null};
  }

  const which = () => {
    const {tokens} = window.headscope.state, {passage, count, keys, sentence} = state.attention;
    const size = isCross(window.headscope.run) ? `${count} queries and ${keys.count} keys` : `${count} tokens`;
    return sentence ? `Your sentence${passage ? `, part ${passage + 1}` : ""}, ${size}.`
      : `${tokens && tokens.grid ? "Picture" : "Passage"} ${passage + 1} of ${tokens ? tokens.starts.length - 1 : "…"}, ${size}.`;
  };
  const pixels = () => {
    const {rows, columns, count, keys} = state.attention, most = sharp(all.size());
    const [down, across] = [[rows, count], [columns, keys.count]].map(([side, n]) => Math.ceil(n / Math.min(side, most)));
    return down * across > 1 ? ` A pixel shows the largest of up to ${down} × ${across} pairs.` : "";
  };

  // What is said of the picture.
  all.tellAttention = () => `${which()} ${isCross(window.headscope.run) ? "Rows are the decoder's tokens, columns the encoder's." : "Rows are queries, columns keys."}${pixels()}`;

  // The colours, from their least to their most.
  all.shades = () => {
    const bar = document.createElement("span");
    bar.className = "shades";
    bar.style.background = `linear-gradient(90deg, ${ramp().join(", ")})`;
    const ends = {one: ["0", "1"], log: [".001", "1"], head: ["0", "the head's most"]}[state.heat] || ["0", "1"];
    return ["attention ", ends[0], " ", bar, " ", ends[1]];
  };

  window.headscope.callbacks({
    allPassage(stage, show, sent, own, selection, asked) {
      const {run, sentence} = window.headscope;
      if (stage !== "all" || show !== "attention" || !run || !sent || sent.run !== run.key) return Array(6).fill(skip());
      sentence.take(own);
      const tokens = sentence.withSentence(sent, run), next = wanted(run, tokens, selection);
      const same = asked && Object.keys(next).every(name => next[name] === (asked[name] ?? null));
      byId("all-picture").classList.toggle("stale", !same);
      return [same ? skip() : next, ...window.headscope.passages.line("all-passage-number", tokens, selection)];
    },

    allShow(show, attention) {
      const maps = show !== "attention";
      byId("all-picture").classList.remove("stale");
      for (const [id, of] of [["all-roles", maps], ["all-shades", !maps], ["all-note", maps]]) byId(id).hidden = !of;
      const title = maps ? "Joint query-key maps of all heads"
        : attention ? `Attention of all heads in ${attention.sentence ? "your sentence" : `${window.headscope.pictures.ofPictures(window.headscope.run) ? "picture" : "passage"} ${attention.passage + 1}`}` : "Attention of all heads";
      return [!maps, maps, title];
    },
  });
})();
