// "Cancel" pressed in a job's first moment: Dash does not know the job yet, and would cancel
// nothing. So it is pressed again until the strip of this job is gone.
(() => {
  const AGAIN = 300, MOST = 100;  // milliseconds, and times

  document.addEventListener("click", event => {
    const button = event.target.closest(".job [id$=-cancel]"), strip = button && button.closest(".job");
    if (!strip || !event.isTrusted || strip.dataset.cancelling) return;
    strip.dataset.cancelling = "yes";
    let left = MOST;
    const again = setInterval(() => (left-- > 0 ? button.click() : end()), AGAIN);
    const watch = new MutationObserver(() => strip.hidden && end());
    watch.observe(strip, {attributes: true, attributeFilter: ["hidden"]});
    function end() {
      clearInterval(again);
      watch.disconnect();
      delete strip.dataset.cancelling;
    }
  });
})();
