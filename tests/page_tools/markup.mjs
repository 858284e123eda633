// Reads pages as JSON {name: html} from stdin and prints what html-validate finds in each, as JSON lines "name: line: rule: message".
import { HtmlValidate } from "html-validate";

const examined = new HtmlValidate({
  extends: ["html-validate:recommended"],
  rules: {
    // A doctype in lower case is as good.
    "doctype-style": "off",
    // How a template breaks its lines and spaces is no fault of the page.
    "no-trailing-whitespace": "off",
    // A button of a form that says nothing of its kind sends the form, and a field is for text: that is what we mean.
    "no-implicit-button-type": "off",
    "no-implicit-input-type": "off",
    // Safari takes a list without its marks for none, unless it is told again.
    "no-redundant-role": "off",
    // A table that scrolls sideways is a region of the page, not a section of the text.
    "prefer-native-element": ["error", { exclude: ["list", "region"] }],
    // A shared screen clears itself where there is no script; the page says when, and how to stay.
    "meta-refresh": ["error", { allowLongDelay: true }],
    // "off" keeps Firefox from ticking again, after a reload, what a child ticked before.
    "valid-autocomplete": "off",
    // Chromium, Firefox and Safari all take "tel:999"; the rule wants spaces that screen readers stumble over.
    "tel-non-breaking": "off",
  },
});

let input = "";
for await (const piece of process.stdin) input += piece;
const found = [];
for (const [name, html] of Object.entries(JSON.parse(input))) {
  const report = await examined.validateString(html, `${name}.html`);
  for (const result of report.results) {
    for (const one of result.messages) found.push(`${name}: line ${one.line}: ${one.ruleId}: ${one.message}`);
  }
}
process.stdout.write(JSON.stringify(found));
