// Beside a talk with script: each new answer brings a new column for the worker, which takes the place of the old one.

/** The worker's column. It is never read out by itself: only what the child is answered is. */
class WorkerColumn {
  constructor($talk) {
    this.$talk = $talk;
    // Only once the focus has gone to the answer: what is pressed here goes, and the focus must not be lost with it.
    document.addEventListener("answered", () => window.setTimeout(() => this.renew()));
  }

  renew() {
    const $new = this.$talk.querySelector("[data-worker]");
    if (!$new) return;
    const $old = [...document.querySelectorAll("[data-worker]")].find(($one) => $one !== $new);
    $old.replaceWith($new);
    // The way to it at the top of the page stays.
    $new.id = "worker";
  }
}

const $beside = document.getElementById("talk");
if ($beside) new WorkerColumn($beside);
