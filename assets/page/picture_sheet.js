// The sheet that a saved picture stands on: its title, names of axes, a legend, and its caption under
// it. It is written as SVG, which PNGs are drawn from too.
(() => {
  const {css, escaped} = window.headscope;
  const FONT = "Arial, Helvetica, sans-serif";
  const PAD = 14, NARROW = 420, LARGER = 1.6;  // a small plot is drawn at most so much larger
  const TITLE = 15, WORDS = 11, AXIS = 12, RAMP = 150;
  const ruler = document.createElement("canvas").getContext("2d");
  let ramps = 0;

  function wide(words, size, weight = "normal") {
    ruler.font = `${weight} ${size}px ${FONT}`;
    return ruler.measureText(words).width;
  }

  // Words in lines that fit into a room; what is too long for a line of its own is cut into pieces.
  function broken(words, room, size, weight) {
    const found = [];
    let line = "";
    for (const word of words.split(" ").flatMap(each => pieces(each, room, size, weight))) {
      const longer = line ? `${line} ${word}` : word;
      if (line && wide(longer, size, weight) > room) { found.push(line); line = word; } else line = longer;
    }
    return line ? [...found, line] : found;
  }

  function pieces(word, room, size, weight) {
    if (wide(word, size, weight) <= room) return [word];
    const signs = [...word], most = Math.max(1, Math.floor(signs.length * room / wide(word, size, weight) * .9));
    return Array.from({length: Math.ceil(signs.length / most)}, (_, i) => signs.slice(i * most, (i + 1) * most).join(""));
  }

  function text(x, y, words, {size = WORDS, fill = css("--hs-ink"), weight = "normal", anchor = "start", turn = ""} = {}) {
    const look = `font-family="${FONT}" font-size="${size}" font-weight="${weight}" fill="${escaped(fill)}" text-anchor="${anchor}"`;
    return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${look}${turn && ` transform="${turn}"`}>${escaped(words)}</text>`;
  }

  // ---- the legend: signs, words, and ramps of colour with numbers under them

  const heightOf = item => (item.ticks ? 26 : 15);
  const wideOf = item => (item.ramp ? (item.ticks ? RAMP : 46) : wide(item.words, WORDS)) + 10;

  function drawn(item, x, y) {
    if (!item.ramp) return text(x, y + 10, item.words, {fill: item.colour || css("--hs-ink")});
    const id = `headscope-ramp-${ramps++}`, length = item.ticks ? RAMP : 46;
    const stops = item.ramp.map(([at, colour]) => `<stop offset="${at}" stop-color="${escaped(colour)}"/>`).join("");
    const bar = `<linearGradient id="${id}">${stops}</linearGradient>`
      + `<rect x="${x}" y="${y + 2}" width="${length}" height="9" fill="url(#${id})" stroke="${css("--hs-line")}" stroke-width=".5"/>`;
    const ends = at => (at < .04 ? "start" : at > .96 ? "end" : "middle");
    const ticks = (item.ticks || []).map(({at, words}) =>
      text(x + at * length, y + 21, words, {size: 9, fill: css("--hs-faint"), anchor: ends(at)}));
    return bar + ticks.join("");
  }

  function legend(items, room, y0) {
    const parts = [];
    let x = PAD, y = y0, high = 0;
    for (const item of items) {
      const width = wideOf(item);
      if (x > PAD && x + width > PAD + room) { x = PAD; y += high + 3; high = 0; }
      if (item.words && width > room) {
        for (const line of broken(item.words, room, WORDS)) { parts.push(drawn({...item, words: line}, x, y)); y += 15; }
        continue;
      }
      parts.push(drawn(item, x, y));
      x += width;
      high = Math.max(high, heightOf(item));
    }
    return {parts, below: y + (items.length ? high + 6 : 0)};
  }

  // ---- the sheet

  // Where a plot of some size stands on its sheet, and all that stands round it.
  // `axes`: {x, y, top} names them; `top` if that of x stands above.
  function sheet(size, {title, axes = {}, items = [], lines = []}) {
    const left = PAD + (axes.y ? 20 : 0), least = Math.max(NARROW - left - PAD, size.width);
    const larger = Math.min(LARGER, least / size.width), plot = {width: size.width * larger, height: size.height * larger};
    const width = Math.max(NARROW, Math.ceil(plot.width) + left + PAD), room = width - 2 * PAD;
    const parts = [], ink = {size: AXIS, fill: css("--hs-faint"), anchor: "middle"};
    let y = PAD;
    for (const line of broken(title, room, TITLE, "bold")) {
      parts.push(text(PAD, y + TITLE - 2, line, {size: TITLE, weight: "bold"}));
      y += TITLE * 1.3;
    }
    y += 6;
    const x = left + (width - left - PAD - plot.width) / 2, middle = x + plot.width / 2;
    if (axes.x && axes.top) { parts.push(text(middle, y + AXIS, axes.x, ink)); y += AXIS + 6; }
    Object.assign(plot, {x, y});
    y += plot.height + 4;
    if (axes.x && !axes.top) { parts.push(text(middle, y + AXIS, axes.x, ink)); y += AXIS + 6; }
    if (axes.y) {
      const at = [x - 8, plot.y + plot.height / 2];
      parts.push(text(...at, axes.y, {...ink, turn: `rotate(-90 ${at[0].toFixed(1)} ${at[1].toFixed(1)})`}));
    }
    const below = legend(items, room, y + 4);
    parts.push(...below.parts);
    y = below.below;
    for (const line of lines.flatMap(each => broken(each, room, WORDS))) {
      y += WORDS * 1.4;
      parts.push(text(PAD, y, line, {fill: css("--hs-faint")}));
    }
    return {width, height: Math.ceil(y + PAD), plot, parts: parts.join("")};
  }

  // The file: `inner` is what the plot holds, `crop` the part of it that is shown.
  function svgOf(page, {title, about = "", inner, crop}) {
    const size = `width="${page.width}" height="${page.height}"`, {x, y, width, height} = page.plot;
    const box = `viewBox="${[crop.x, crop.y, crop.width, crop.height].join(" ")}"`;
    return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${size} viewBox="0 0 ${page.width} ${page.height}" role="img">`
      + `<title>${escaped(title)}</title><desc>${escaped(about)}</desc>${page.ground === false ? "" : `<rect ${size} fill="${css("--hs-panel")}"/>`}`
      + `<svg x="${x}" y="${y}" width="${width}" height="${height}" ${box} overflow="hidden">${inner}</svg>${page.parts}</svg>`;
  }

  // ---- files

  function download(url, name) {
    const link = document.createElement("a");
    Object.assign(link, {href: url, download: name});
    link.click();
    if (url.startsWith("blob:")) setTimeout(() => URL.revokeObjectURL(url), 10000);
  }

  const asFile = svg => URL.createObjectURL(new Blob([svg], {type: "image/svg+xml"}));

  const picture = url => new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = reject;
    image.src = url;
  });

  Object.assign(window.headscope, {sheet, svgOf, download, asFile, picture});
})();
