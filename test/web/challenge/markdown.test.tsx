// Shows that task text becomes elements and never markup of its own.

import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Markdown } from "../../../web/challenge/markdown.tsx";

const render = (text: string) => renderToStaticMarkup(<Markdown text={text} title="Title" />);

describe("task text", () => {
  it.each([
    ["a script", "<script>alert(1)</script>"],
    ["an event attribute", "<img src=x onerror=alert(1)>"],
    ["HTML within a line", "hello <b onclick=alert(1)>you</b>"],
    ["a frame", "<iframe src='https://example.org'></iframe>"],
  ])("shows %s as text", (_, text) => {
    expect(render(text)).not.toMatch(/<(?:script|img|b|iframe)\b/);
  });

  it.each([
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,hello)",
    "[x](vbscript:x)",
    "[x](&#106;avascript:alert(1))",
    "<javascript:alert(1)>",
    "![x](https://example.org/pixel.png)",
  ])("drops the address of %s", (text) => {
    expect(render(text)).not.toMatch(/href|src=/);
  });

  it("opens web addresses in a page that knows nothing of this one", () => {
    expect(render("[docs](https://docs.docker.com/)")).toContain(
      '<a href="https://docs.docker.com/" target="_blank" rel="noopener noreferrer">docs</a>',
    );
  });

  it("does not repeat the page's title and puts its headings below it", () => {
    const html = render("# Title\n\n## First\n\n### Inner");
    expect(html).not.toContain("Title");
    expect(html).toContain("<h2>First</h2>");
    expect(html).toContain("<h3>Inner</h3>");
  });

  it("keeps code as it was written", () => {
    expect(render("```sh\ncat > a <<'EOF' && echo \"<x>\"\n```")).toContain(
      "cat &gt; a &lt;&lt;&#x27;EOF&#x27; &amp;&amp; echo &quot;&lt;x&gt;&quot;",
    );
    expect(render("`a < b && c`")).toContain("<code>a &lt; b &amp;&amp; c</code>");
  });

  it("names each block of code, and its buttons, by its first line", () => {
    const html = render("```sh\n\ndocker ps\nls\n```\n\n```sh\ndocker images\n```");
    for (const name of ["docker ps", "docker images"]) {
      expect(html).toMatch(new RegExp(`<figure[^>]* aria-label="Code: ${name}"`));
      expect(html).toContain(`aria-label="Copy: ${name}"`);
    }
    expect(render(`\`\`\`\n${"x".repeat(200)}\n\`\`\``)).toContain(`aria-label="Copy: ${"x".repeat(59)}…"`);
  });

  it("draws lists, tables and task items", () => {
    const html = render("1. one\n2. two\n\n| a | b |\n|---|---|\n| `c` | d |\n\n- [x] done");
    expect(html).toContain('<ol start="1"><li>one</li><li>two</li></ol>');
    expect(html).toContain("<td><code>c</code></td>");
    expect(html).toContain('type="checkbox"');
  });
});
