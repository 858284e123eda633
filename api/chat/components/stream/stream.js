/* What comes by itself: a stream of events that is opened again whenever it ends, falls quiet, or the device wakes up. */

const STREAM = {
  waitMs: 1000,
  longestWaitMs: 20000,
  // The server looks every 15 seconds and says so; a stream that is quiet for longer is dead.
  quietMs: 40000,
  hiddenMs: 60000,
};

/**
 * The stream of a page. The page gives its `address()`, null for none any more, what to do with what is `heard` by the
 * name of the event, and hears itself whether the stream is `connected()` or `lost()`.
 */
export class Stream {
  constructor(page) {
    this.page = page;
    this.wait = STREAM.waitMs;
    this.tries = 0;
    this.heardAt = Date.now();
    window.setInterval(() => this.check(), 5000);
    window.addEventListener("online", () => this.open());
    window.addEventListener("offline", () => { this.tries += 1; this.lost(); });
    document.addEventListener("visibilitychange", () => this.seen());
    window.addEventListener("pagehide", () => this.close());
  }

  open() {
    this.close();
    const address = this.page.address();
    if (!address) return;
    const source = new EventSource(address);
    this.source = source;
    this.heardAt = Date.now();
    const heard = { ...this.page.heard, looked: () => this.connected() };
    Object.keys(heard).forEach((name) => source.addEventListener(name, (event) => {
      this.heardAt = Date.now();
      heard[name](event.data);
    }));
    source.addEventListener("error", () => { if (source === this.source) this.lost(); });
  }

  connected() {
    this.wait = STREAM.waitMs;
    this.tries = 0;
    this.page.connected();
  }

  /** A line that is lost once comes back by itself; the page is told from the second time on. */
  lost() {
    this.close();
    this.tries += 1;
    if (this.tries > 1) this.page.lost();
    this.timer = window.setTimeout(() => this.open(), this.wait + Math.random() * 500);
    this.wait = Math.min(this.wait * 2, STREAM.longestWaitMs);
  }

  close() {
    window.clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  /** A clock that jumped is a device that slept. */
  check() {
    if (this.source && Date.now() - this.heardAt > STREAM.quietMs) this.open();
  }

  seen() {
    window.clearTimeout(this.hiding);
    if (document.visibilityState === "visible") {
      if (!this.source || Date.now() - this.heardAt > STREAM.quietMs / 2) this.open();
    } else {
      this.hiding = window.setTimeout(() => this.close(), STREAM.hiddenMs);
    }
  }
}
