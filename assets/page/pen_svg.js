// A pen with the methods of a canvas that this project draws with, which writes SVG instead: what
// lies over a plot can so be saved as lines and words. `arc` is always a whole circle.
(() => {
  const round = n => Math.round(100 * n) / 100;
  const SIGNS = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"};
  // Text for XML, which can't hold most control characters at all.
  const escaped = text => String(text).replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd").replace(/[&<>"]/g, c => SIGNS[c]);
  const STYLE = ["fillStyle", "strokeStyle", "lineWidth", "globalAlpha", "font", "lineJoin", "dash", "groups"];
  let clips = 0;

  class SvgPen {
    constructor() {
      Object.assign(this, {fillStyle: "#000", strokeStyle: "#000", lineWidth: 1, globalAlpha: 1, dash: "",
        font: "12px sans-serif", lineJoin: "miter", groups: 0, parts: [], path: [], kept: []});
    }

    save() { this.kept.push(Object.fromEntries(STYLE.map(name => [name, this[name]]))); this.groups = 0; }
    restore() {
      this.parts.push("</g>".repeat(this.groups));
      Object.assign(this, this.kept.pop());
    }

    beginPath() { this.path = []; }
    moveTo(x, y) { this.path.push(`M${round(x)} ${round(y)}`); }
    lineTo(x, y) { this.path.push(`L${round(x)} ${round(y)}`); }
    rect(x, y, w, h) { this.path.push(`M${round(x)} ${round(y)}h${round(w)}v${round(h)}h${round(-w)}z`); }
    arc(x, y, r) {
      const d = round(2 * r);
      this.path.push(`M${round(x - r)} ${round(y)}a${r} ${r} 0 1 0 ${d} 0a${r} ${r} 0 1 0 ${-d} 0z`);
    }
    closePath() { this.path.push("z"); }
    setLineDash(lengths) { this.dash = lengths.length ? ` stroke-dasharray="${lengths.join(" ")}"` : ""; }

    clip() {
      const id = `headscope-clip-${clips++}`;
      this.parts.push(`<clipPath id="${id}"><path d="${this.path.join("")}"/></clipPath><g clip-path="url(#${id})">`);
      this.groups++;
    }

    get line() {
      return `fill="none" stroke="${this.strokeStyle}" stroke-width="${this.lineWidth}" opacity="${this.globalAlpha}"${this.dash}`;
    }
    get area() { return `fill="${this.fillStyle}" opacity="${this.globalAlpha}"`; }
    stroke() { this.parts.push(`<path d="${this.path.join("")}" ${this.line}/>`); }
    fill() { this.parts.push(`<path d="${this.path.join("")}" ${this.area}/>`); }
    strokeRect(x, y, w, h) { this.parts.push(`<rect x="${round(x)}" y="${round(y)}" width="${round(w)}" height="${round(h)}" ${this.line}/>`); }
    fillRect(x, y, w, h) { this.parts.push(`<rect x="${round(x)}" y="${round(y)}" width="${round(w)}" height="${round(h)}" ${this.area}/>`); }
    strokeText(words, x, y) { this.write(words, x, y, `${this.line} stroke-linejoin="${this.lineJoin}"`); }
    fillText(words, x, y) { this.write(words, x, y, this.area); }
    // A part of a loaded picture, as an image of its own that the file holds.
    drawImage(picture, left, top, width, height, x, y, w, h) {
      const part = Object.assign(document.createElement("canvas"), {width, height});
      part.getContext("2d").drawImage(picture, left, top, width, height, 0, 0, width, height);
      this.parts.push(`<image x="${round(x)}" y="${round(y)}" width="${round(w)}" height="${round(h)}" preserveAspectRatio="none" opacity="${this.globalAlpha}" href="${part.toDataURL("image/png")}"/>`);
    }
    write(words, x, y, look) {
      this.parts.push(`<text x="${round(x)}" y="${round(y)}" style="font: ${escaped(this.font)}" ${look}>${escaped(words)}</text>`);
    }
  }

  Object.assign(window.headscope, {SvgPen, escaped});
})();
