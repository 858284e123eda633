// Signs in with a passkey, and makes one. Without this, a password and a code work as ever.

/** A form that a passkey fills in: the browser asks for a finger, a face or a PIN, and its answer is sent as a form. */
class Passkey {
  constructor($root) {
    // Older browsers know passkeys, but not how a page writes them down.
    if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) return;
    this.$form = $root.querySelector("form");
    this.$told = $root.querySelectorAll("[data-told]");
    this.options = $root.dataset.options;
    this.isNew = "new" in $root.dataset;
    $root.querySelector("[data-without]").hidden = true;
    this.$form.hidden = false;
    this.$form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask();
    });
  }

  async ask() {
    if (this.asking) return;
    this.asking = true;
    this.tell();
    try {
      const answer = await fetch(this.options);
      if (!answer.ok || answer.redirected) throw new Error();
      const { options, slip } = await answer.json();
      const passkey = await this.passkey(options);
      this.$form.elements.slip.value = slip;
      this.$form.elements.credential.value = JSON.stringify(passkey);
      this.$form.submit();
    } catch (error) {
      if (error.name === "InvalidStateError") this.tell("known");
      else this.tell(error instanceof DOMException ? "stopped" : "away");
    }
    this.asking = false;
  }

  passkey(options) {
    if (this.isNew) return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
    return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  }

  tell(what) {
    this.$told.forEach(($words) => { $words.hidden = $words.dataset.told !== what; });
  }
}

document.querySelectorAll("[data-module=passkey]").forEach(($root) => new Passkey($root));
