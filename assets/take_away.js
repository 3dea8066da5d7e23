// Copying the link, and saving a plot at print size with the lines that lie over it.
(() => {
  const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const {state, plot, draw} = window.headscope;
  const SCALE = 3;

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {  // not allowed, or not a secure page
      const field = document.createElement("textarea");
      field.value = text;
      field.className = "visually-hidden";
      document.body.appendChild(field);
      field.select();
      const done = document.execCommand("copy");
      field.remove();
      return done;
    }
    return true;
  }

  function say(words) {
    let note = document.getElementById("copied");
    if (!note) {
      note = document.createElement("div");
      note.id = "copied";
      note.setAttribute("role", "status");
      document.body.appendChild(note);
    }
    note.textContent = words;
    note.hidden = false;
    setTimeout(() => { note.hidden = true; }, 2500);
  }

  // What lies over a map, drawn as sharp as it will be printed; null where nothing does.
  function overlay(gd, id) {
    if (!id.startsWith("qk-map") || gd._fullLayout.scene) return null;
    const side = id.slice("qk-map".length);
    state.sharp = SCALE;
    draw(side);
    const url = gd.querySelector(":scope > canvas.overlay").toDataURL("image/png");
    state.sharp = null;
    draw(side);
    return url;
  }

  const picture = url => new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = reject;
    image.src = url;
  });

  async function png(gd, over, width, height) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, {width: SCALE * width, height: SCALE * height});
    const pen = canvas.getContext("2d");
    pen.fillStyle = css("--hs-panel");
    pen.fillRect(0, 0, canvas.width, canvas.height);
    const urls = [await window.Plotly.toImage(gd, {format: "png", width, height, scale: SCALE}), over];
    for (const url of urls.filter(Boolean)) pen.drawImage(await picture(url), 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL("image/png");
  }

  async function svg(gd, over, width, height) {
    const url = await window.Plotly.toImage(gd, {format: "svg", width, height});
    let text = decodeURIComponent(url.slice(url.indexOf(",") + 1));
    if (over) text = text.replace(/<\/svg>\s*$/, `<image href="${over}" width="${width}" height="${height}"/></svg>`);
    return `data:image/svg+xml,${encodeURIComponent(text)}`;
  }

  window.headscope.savePlot = async (id, kind) => {
    const gd = plot(id), run = window.headscope.run;
    if (!gd || !run) return;
    const {width, height} = gd.getBoundingClientRect(), over = overlay(gd, id);
    const head = ["layer", "head"].map(what => document.getElementById(`${what}-select`).value);
    const link = document.createElement("a");
    link.href = await (kind === "png" ? png : svg)(gd, over, Math.round(width), Math.round(height));
    link.download = `${id}-${run.model.name}-${run.text}-L${head[0]}H${head[1]}.${kind}`;
    link.click();
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {headscope: Object.assign(
    window.dash_clientside.headscope || {}, {
      copyLink(clicks) {
        if (clicks) copy(location.href).then(done => say(done ? "Link copied." : "Copy it from the address bar."));
      },
    })});
})();
