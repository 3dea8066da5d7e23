// Copying the link, and the short message that something was done.
(() => {
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

  let quiet = 0;

  function say(words) {
    const note = window.headscope.made("copied", "status");
    note.textContent = words;
    note.hidden = false;
    clearTimeout(quiet);
    quiet = setTimeout(() => { note.hidden = true; }, 2500 + 40 * words.length);
  }

  window.headscope.say = say;

  window.headscope.callbacks({
    copyLink(clicks) {
      if (clicks) copy(location.href).then(done => say(done ? "Link copied." : "Copy it from the address bar."));
    },
  });
})();
