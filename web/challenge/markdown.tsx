// Task text: Markdown as React elements. HTML in it is shown as text, addresses other than the web's are dropped.

import { lexer, type MarkedToken, type Token, type Tokens } from "marked";
import { createElement, Fragment, type ReactNode, useMemo } from "react";
import { CodeBlock } from "./code-block.tsx";
import styles from "./markdown.module.css";

/** marked types its tokens as "one of these or anything": without extensions, only these come. */
function isOwnToken(token: Token): token is MarkedToken {
  return token.type !== "";
}

function isWebAddress(address: string): boolean {
  return /^(?:https?:|mailto:|#)/i.test(address);
}

/** The page itself has the first level. */
function heading(depth: number, children: ReactNode): ReactNode {
  if (depth <= 2) return <h2>{children}</h2>;
  if (depth === 3) return <h3>{children}</h3>;
  return <h4>{children}</h4>;
}

function renderAll(tokens: readonly Token[] | undefined): ReactNode {
  // Children by position: the text never changes in place, so no child needs a key.
  return createElement(Fragment, null, ...(tokens ?? []).map((token) => (isOwnToken(token) ? render(token) : null)));
}

function render(token: MarkedToken): ReactNode {
  switch (token.type) {
    case "heading":
      return heading(token.depth, renderAll(token.tokens));
    case "paragraph":
      return <p>{renderAll(token.tokens)}</p>;
    case "text":
      return token.tokens === undefined ? token.text : renderAll(token.tokens);
    case "escape":
    case "html":
      return token.text;
    case "strong":
      return <strong>{renderAll(token.tokens)}</strong>;
    case "em":
      return <em>{renderAll(token.tokens)}</em>;
    case "del":
      return <del>{renderAll(token.tokens)}</del>;
    case "codespan":
      return <code>{token.text}</code>;
    case "code":
      return <CodeBlock text={token.text} language={token.lang ?? ""} />;
    case "br":
      return <br />;
    case "hr":
      return <hr />;
    case "blockquote":
      return <blockquote>{renderAll(token.tokens)}</blockquote>;
    case "link":
      return <TaskLink {...token} />;
    case "image":
      return token.text;
    case "list":
      return <TaskList {...token} />;
    case "list_item":
      return <li>{renderAll(token.tokens)}</li>;
    case "checkbox":
      return <input type="checkbox" checked={token.checked} readOnly disabled />;
    case "table":
      return <TaskTable {...token} />;
    case "def":
    case "space":
      return null;
  }
}

function TaskLink({ href, tokens }: Tokens.Link) {
  if (!isWebAddress(href)) return renderAll(tokens);
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {renderAll(tokens)}
    </a>
  );
}

function TaskList({ ordered, start, items }: Tokens.List) {
  const entries = createElement(Fragment, null, ...items.map(render));
  return ordered ? <ol start={start === "" ? 1 : start}>{entries}</ol> : <ul>{entries}</ul>;
}

function TaskTable({ header, rows }: Tokens.Table) {
  const key = (cell: Tokens.TableCell, index: number) => `${index}-${cell.text}`;
  return (
    <section className={styles["table"]} tabIndex={0} aria-label="Table">
      <table>
        <thead>
          <tr>
            {header.map((cell, index) => (
              <th key={key(cell, index)}>{renderAll(cell.tokens)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.map(({ text }) => text).join("|")}>
              {row.map((cell, index) => (
                <td key={key(cell, index)}>{renderAll(cell.tokens)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Drops a first heading that only repeats `title`, which the page shows itself. */
export function readTask(task: string, title: string): Token[] {
  const tokens = lexer(task).filter(({ type }) => type !== "space");
  const first = tokens[0];
  return first?.type === "heading" && "text" in first && first.text === title ? tokens.slice(1) : tokens;
}

export function Markdown({ text, title }: { text: string; title: string }) {
  const tokens = useMemo(() => readTask(text, title), [text, title]);
  return <div className={styles["text"]}>{renderAll(tokens)}</div>;
}
