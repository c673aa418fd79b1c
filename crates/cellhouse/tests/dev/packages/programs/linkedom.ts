import { DOMParser, HTMLElement, parseHTML } from "linkedom";
import { equal, program } from "./check";

const PAGE = '<!doctype html><html><head><title>T &amp; x</title></head><body><ul id="l"><li class="a b">one</li><li>two</li></ul></body></html>';

export default program({
  "parseHTML, selectors"() {
    const { document } = parseHTML(PAGE);
    equal(document.title, "T & x");
    equal([...document.querySelectorAll("li")].map((item: any) => item.textContent), ["one", "two"]);
    equal(document.querySelector("#l > li.a")!.classList.contains("b"), true);
    equal((document.querySelector("li:last-child") as any).previousElementSibling.className, "a b");
    equal(document.toString().startsWith("<!DOCTYPE html><html>"), true);
  },
  "changes, innerHTML"() {
    const { document } = parseHTML(PAGE);
    const list = document.querySelector("ul")! as any;
    const item = document.createElement("li");
    item.setAttribute("data-x", "1");
    item.append("three <", document.createComment("c"));
    list.append(item);
    list.firstElementChild.remove();
    equal(list.innerHTML, '<li>two</li><li data-x="1">three &lt;<!--c--></li>');
    list.innerHTML = "<li>a<li>b";
    equal(list.children.length, 2);
  },
  "events"() {
    const { document, CustomEvent, Event } = parseHTML(PAGE) as any;
    const seen: string[] = [];
    document.body.addEventListener("ping", (event: any) => seen.push(`${event.target.localName} ${event.detail}`));
    document.querySelector("li").dispatchEvent(new CustomEvent("ping", { bubbles: true, detail: 5 }));
    document.querySelector("li").dispatchEvent(new Event("ping"));
    equal(seen, ["li 5"]);
  },
  "custom elements"() {
    const { document, customElements } = parseHTML("<html><body></body></html>") as any;
    customElements.define("x-hello", class extends (HTMLElement as any) {
      connectedCallback() {
        (this as any).textContent = `hello ${(this as any).getAttribute("name")}`;
      }
    });
    document.body.innerHTML = '<x-hello name="ada"></x-hello>';
    equal(document.body.textContent, "hello ada");
  },
  "XML, SVG"() {
    const xml = new DOMParser().parseFromString("<a><b c='1'>x</b><b/></a>", "text/xml");
    equal(xml.querySelectorAll("b").length, 2);
    equal(xml.querySelector("b")!.getAttribute("c"), "1");
    const svg = new DOMParser().parseFromString('<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>', "image/svg+xml");
    equal(svg.querySelector("path")!.getAttribute("d"), "M0 0");
  },
});
