// Shows a choice of how it looks at once; without this, "Show me" does.

/** The choices of how a page looks: what is pressed shows on this page, which is kept nowhere. */
class Looks {
  constructor($root) {
    this.$root = $root;
    this.$scheme = document.querySelector("meta[name=color-scheme]");
    $root.addEventListener("change", (event) => this.show(event.target));
    // A page that the browser brings back has the choices as they were pressed.
    $root.querySelectorAll("input:checked").forEach(($choice) => this.show($choice));
  }

  show($choice) {
    if (!["size", "font", "spacing", "paper", "movement"].includes($choice.name)) return;
    const usual = this.$root.elements[$choice.name][0].value;
    if ($choice.value === usual) delete document.documentElement.dataset[$choice.name];
    else document.documentElement.dataset[$choice.name] = $choice.value;
    if ($choice.name === "paper") this.$scheme.content = Looks.schemes[$choice.value] ?? "light";
  }
}

Looks.schemes = { device: "light dark", dark: "dark", contrast: "dark" };

document.querySelectorAll("[data-module=looks]").forEach(($root) => new Looks($root));
