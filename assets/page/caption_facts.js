// What a saved picture says of itself, as the page has it now: facts for caption.js, names of axes,
// and the legend. Figures say in their `meta` which head they are of (`head`, `run`), how a map was
// made (`map`), and the scale of their colours (`scale`).
(() => {
  const {byId, comparing, css} = window.headscope;
  const ALL_HEADS = /^(head-grid|induction-grid|lab-(grid|choose|copying|curve|depth|effect|alone)|patterns-matrix|scale-grids|picture)/;
  const OWN_TOKENS = /^(induction-grid|lab-)/;  // of random tokens, not of the open text

  const said = id => { const box = byId(id); return box && box.offsetParent !== null ? box.innerText.trim() : ""; };
  const chosen = id => { const list = byId(id); return list && list.selectedIndex >= 0 ? list.options[list.selectedIndex].text : ""; };
  const on = id => { const box = byId(id); return !!(box && box.checked); };
  const metaOf = gd => gd.layout.meta || {};
  const number = n => n.toLocaleString("en");

  function column(side, {head = true, text = true} = {}) {
    const run = (side && window.headscope.runB) || window.headscope.run;
    const [layer, at] = ["layer", "head"].map(what => byId(`${what}-select${side}`).value);
    return {
      model: window.headscope.modelNamed(run), identity: run.model.identity, precision: window.headscope.precisionOf(run.model), off: run.off, replaced: run.off ? run.method : "",
      text: text ? run.title : "", size: text ? window.headscope.sizeOf(run) : "",
      head: head ? `L${layer}H${at}` : "",
    };
  }

  // Whether a figure is still that of the head or score before: its caption would name another one.
  function late(gd, side) {
    const {head, run} = metaOf(gd), now = (side && window.headscope.runB) || window.headscope.run;
    return !!gd.closest("[data-stale]") || (head && head !== column(side).head) || (run && run !== now.key);
  }

  // ---- parts of facts

  // Which part of a long passage is drawn: a window has [first, end, all] of rows and of columns.
  function partOf({rows, columns}, cross) {
    const said = (what, [first, end, all]) => end - first < all && `${what} ${number(first)} to ${number(end - 1)} of ${number(all)}`;
    if (!cross && String(rows) === String(columns)) return said("tokens", rows);
    return [said("queries", rows), said("keys", columns)].filter(Boolean).join(", ");
  }

  function passageOf(side) {
    const tokens = window.headscope.tokensOf(side), link = window.headscope.links[side];
    if (!tokens || !link) return "";
    const looks = [on("by-value") && window.headscope.run.values !== false && "times value norm", on("hide-special") && "special tokens left out"];
    const at = tokens.starts.findLastIndex(start => start <= link.start) + 1;
    const part = link.window && partOf(link.window, !!tokens.keys);
    const where = at > tokens.own ? `Your sentence: ${window.headscope.sentence.named()}` : `${tokens.grid ? "Picture" : "Passage"} ${number(at)} of ${number(tokens.own ?? tokens.starts.length - 1)}`;
    return at ? [where, part, ...looks].filter(Boolean).join(", ") : "";
  }

  function tokenOf(side) {
    const tokens = window.headscope.tokensOf(side), link = window.headscope.links[side];
    const chosen = tokens && link && link.selection;
    if (!chosen) return "";
    const {ofRole, otherRole} = window.headscope, own = ofRole(tokens, chosen.role);
    const of = (role, token) => (tokens.grid ? window.headscope.pictures.patchNamed(tokens, token) : `“${ofRole(tokens, role).strings[token]}”`);
    const named = (role, token) => `${role} ${of(role, token)}`;
    const passage = own.passage[chosen.token], place = chosen.token - own.starts[passage];
    const pair = chosen.other == null ? "" : ` and ${named(otherRole(chosen.role), chosen.other)}`;
    if (tokens.grid) return `${named(chosen.role, chosen.token)}${pair}`;
    return `${named(chosen.role, chosen.token)}${pair}, token ${number(place)} of ${passage >= tokens.own ? "your sentence" : `passage ${number(passage + 1)}`}`;
  }

  function trustOf(side) {
    const badge = byId(`trust-badge${side}`), bold = badge && badge.querySelector("b");
    if (!bold || badge.hasAttribute("data-dash-is-loading")) return "";
    return `${bold.textContent.trim()} (${badge.textContent.replace(bold.textContent, "").trim()})`;
  }

  // The figure's own words for its colours, or the ends of its scale.
  function scaleOf(gd) {
    const {scale} = metaOf(gd), [trace] = gd._fullData;
    if (scale) return typeof scale === "string" ? scale : scale.said || scale.title || "";
    return trace.type === "heatmap" && isFinite(trace.zmin) ? `from ${short(trace.zmin)} to ${short(trace.zmax)}` : "";
  }

  const short = n => String(Number(n.toPrecision(3))).replace("-", "−");

  function notesOf(gd) {
    const figure = gd.closest("figure"), panel = gd.closest(".panel, .view");
    const own = [...(figure ? figure.querySelectorAll(".facts, figcaption.note") : [])];
    const around = panel && !own.length ? panel.querySelectorAll(":scope > .note, :scope > .facts, :scope > .lab-verdict, :scope > div > p.note") : [];
    const words = [...own, ...around].filter(box => box.offsetParent !== null).map(box => box.innerText.trim());
    const id = window.headscope.plotId(gd);
    return [...words, ...(id.startsWith("lab-") ? [said("lab-note")] : [])].filter(Boolean);
  }

  // ---- the facts of a plot

  // While two heads are compared, a picture of one says which the other is.
  function beside(side) {
    if (!comparing()) return "";
    const [other, name] = side ? [column(""), "A"] : [column("-b"), "B"];
    return `Column ${side ? "B" : "A"}; beside it, in ${name}: ${other.head} of ${other.model} on “${other.text}”${other.off ? `, without ${other.off}` : ""}`;
  }

  // The sentence whose points are in a map.
  const hollow = gd => (gd._fullData.some(({name}) => /^ghost-/.test(name)) ? `Hollow points: your sentence ${window.headscope.sentence.named()}` : "");

  function mapFacts(gd, side) {
    const meta = metaOf(gd), dims = gd._fullLayout.scene ? "3-D" : "2-D";
    const looks = [on("hide-special") && "special tokens hidden", on("density") && "shaded by density", on("dim-untrusted") && "points that mislead are faint"];
    const colour = [chosen("colour-select"), ...looks].filter(Boolean).join(", ");
    return {
      what: "Joint query-key map", columns: [column(side)],
      map: meta.map || [chosen("method-select"), dims].join(", "), trust: trustOf(side), colour, token: tokenOf(side),
      notes: [hollow(gd), said(`map-note${side}`), window.headscope.marked(side), beside(side), "Places have no unit: what counts is which keys are near a query"],
    };
  }

  const KINDS = [
    [/^qk-map/, mapFacts],
    [/^attention-heatmap/, (gd, side) => ({
      what: "Attention", columns: [column(side)], passage: passageOf(side), token: tokenOf(side), colour: scaleOf(gd), notes: [beside(side)],
    })],
    [/^attention-difference/, gd => ({
      what: "Attention of {A} minus attention of {B}", columns: [column(""), column("-b")], passage: passageOf(""), token: tokenOf(""),
      colour: scaleOf(gd), notes: [said("difference-title"), said("difference-note")],
    })],
    [/^head-grid/, gd => ({
      what: `${chosen("score-select")}, all heads`, columns: [column("", {head: false})], colour: scaleOf(gd), notes: [said("score-note"), framed()],
    })],
    [/^induction-grid/, gd => ({
      what: "Induction on random repeats, all heads", columns: [column("", {head: false, text: false})], colour: scaleOf(gd),
      notes: [said("induction-note"), framed()],
    })],
    [/^patterns-heatmap/, gd => ({
      what: "Attention", columns: [column("")], colour: scaleOf(gd), notes: [`Passage ${byId("patterns-passage").value}`, said("patterns-painted").replace(/^Click.*/, "")],
    })],
    [/^why-(bars|grid-)/, (gd, side, title) => ({
      what: `${title.split(/[:;] /)[0]}: {A}`, columns: [column("", {text: !said("why-said").includes("random tokens")})], colour: scaleOf(gd),
      notes: [said("why-said"), said("why-check"), said("why-note")],
    })],
    [/^why-graph-plot/, gd => ({
      what: "Which heads build whose queries and keys", columns: [column("", {head: false, text: !!metaOf(gd).text})],
      notes: [said("why-graph-said"), said("why-graph-read").replace(/ Click .*/, ""), said("why-graph-note"), `Framed: ${column("").head}`],
    })],
    [/^corpus-grid/, gd => ({
      what: `${chosen("corpus-score")} over a corpus, all heads`, columns: [column("", {head: false, text: false})], colour: scaleOf(gd),
      notes: [said("corpus-grid-note"), said("corpus-said"), framed()],
    })],
    [/^corpus-scatter/, () => ({
      what: `Heads over a corpus, by ${chosen("corpus-x")} and ${chosen("corpus-y")}`, columns: [column("", {head: false, text: false})],
      colour: chosen("corpus-colour"), notes: [said("corpus-said"), `Slice: ${chosen("corpus-part")}`],
    })],
    [/^corpus-(spread|classes)/, (gd, side, title) => ({
      what: `${title.split(/[:;] /)[0].replace(/ of the open head/, "")}: {A}`, columns: [column("", {text: false})], colour: scaleOf(gd), notes: [said("corpus-said")],
    })],
    [/^lab-matrix/, gd => ({
      what: `Attention in trial ${chosen("lab-number")}: {A}`, columns: [column("", {text: false})], colour: scaleOf(gd),
      notes: [`Framed: what “${chosen("lab-readout")}” reads`, ...notesOf(gd)],
    })],
  ];

  function framed() {
    const names = [column("").head, ...(comparing() && window.headscope.sameHeads() ? [column("-b").head] : [])];
    const stars = document.querySelector(".cell-star") ? ". ★: on the shortlist" : "";
    return `Framed: ${names.length > 1 ? `A is ${names[0]}, B is ${names[1]}` : names[0]}${stars}`;
  }

  function facts(gd, title) {
    const id = window.headscope.plotId(gd), side = id.endsWith("-b") ? "-b" : "";
    const [, of] = KINDS.find(([pattern]) => pattern.test(id)) || [null, () => ({
      what: `${title.split(/[:;] /)[0].replace(/ of the open head/, "")}${ALL_HEADS.test(id) ? "" : ": {A}"}`, colour: scaleOf(gd), notes: notesOf(gd),
      columns: [column("", {head: !ALL_HEADS.test(id), text: !OWN_TOKENS.test(id)})],
    })];
    return {...of(gd, side, title), ...stamp()};
  }

  // When it was saved, and by what.
  function stamp() {
    const now = new Date(), two = n => String(n).padStart(2, "0"), page = byId("page");
    const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
    return {date, version: page ? page.dataset.version : ""};
  }

  // ---- axes and legend

  function axesOf(gd) {
    const {xaxis, yaxis} = gd._fullLayout, [trace] = gd._fullData, id = window.headscope.plotId(gd);
    const named = axis => axis && axis.title && axis.title.text && !/^Click to enter/.test(axis.title.text);
    if (trace.type !== "heatmap" || named(xaxis) || named(yaxis) || trace.xaxis !== "x") return {};
    if (/^scale-grids/.test(id)) return {};
    const top = xaxis.side === "top";
    return trace.xgap ? {x: "head", y: "layer", top} : {x: "key", y: "query", top};
  }

  // The colours of a heatmap, with numbers: those of its bar where it has some.
  function rampOf(trace) {
    const {zmin, zmax, colorscale, colorbar: bar = {}} = trace, given = bar.tickmode === "array" && bar.tickvals;
    const at = value => (value - zmin) / (zmax - zmin || 1);
    const ticks = given
      ? [...given].map((value, i) => ({at: at(value), words: String(bar.ticktext && bar.ticktext[i] !== undefined ? bar.ticktext[i] : short(value))}))
      : [zmin, (zmin + zmax) / 2, zmax].map(value => ({at: at(value), words: short(value)}));
    return {ramp: colorscale, ticks: ticks.filter(tick => tick.at >= -.01 && tick.at <= 1.01).map(({at: place, words}) => ({at: Math.min(1, Math.max(0, place)), words: plain(words)}))};
  }

  // Words of Plotly's that hold marks, as plain words.
  function plain(words) {
    const box = new DOMParser().parseFromString(words, "text/html");
    return box.body.textContent;
  }

  // A legend that stands on the page, as words and ramps: swatches have a background and no words.
  function written(box) {
    const found = [];
    const walk = node => {
      if (node.nodeType === Node.TEXT_NODE) {
        const words = node.textContent.replace(/\s+/g, " ").trim();
        if (words) found.push({words, colour: colourOf(node.parentElement)});
        return;
      }
      if (node.hidden) return;
      const shades = !node.textContent.trim() && /gradient/.test(node.style.background || "") && node.style.background.match(/#[0-9a-f]{3,8}|rgba?\([^)]*\)/gi);
      if (shades) found.push({ramp: shades.map((colour, i) => [i / (shades.length - 1), colour])});
      else if (!node.textContent.trim() && node.style && node.style.backgroundColor) found.push({words: "■", colour: node.style.backgroundColor});
      else node.childNodes.forEach(walk);
    };
    walk(box);
    return found;
  }

  const colourOf = element => {
    const role = ["query", "key"].find(name => element.classList.contains(name));
    return role ? css(`--hs-${role}`) : element.style.color || "";
  };

  function itemsOf(gd) {
    const id = window.headscope.plotId(gd), [trace] = gd._fullData;
    if (/^qk-map/.test(id)) {
      const legend = byId(`map-legend${id.slice("qk-map".length)}`);
      return legend ? written(legend.closest(".legend") || legend) : [];
    }
    if (/^corpus-scatter/.test(id)) {
      const {cmin, cmax, colorscale, colorbar} = trace.marker;
      return [{words: chosen("corpus-colour")}, rampOf({colorscale, colorbar, zmin: cmin, zmax: cmax})];
    }
    if (trace.type !== "heatmap" || !isFinite(trace.zmin) || (gd._fullLayout.coloraxis && trace.coloraxis)) return [];
    // The bar of a logarithmic scale is that of a trace of its own. What it measures, its title says.
    const bar = gd._fullData.map(each => each.marker).find(marker => marker && marker.showscale);
    const {title} = (bar || trace).colorbar || {}, said = /^attention-heatmap/.test(id) && title && title.text;
    const measure = trace.xgap ? "" : /difference/.test(id) ? "difference of attention" : said || "attention";
    return [...(measure ? [{words: measure}] : []), rampOf(bar ? {...bar, zmin: bar.cmin, zmax: bar.cmax} : trace)];
  }

  Object.assign(window.headscope, {
    plotId: gd => gd.closest(".plot").id || "picture",
    facts, axesOf, itemsOf, written, late, stamp, plain,
  });
})();
