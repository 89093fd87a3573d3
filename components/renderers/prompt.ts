/** A question of the code to the reader: a line to type and to send. */
import type { PromptOutput } from '../../relay/protocol/index.js';
import { plainText } from '../output/stream-text.js';
import type { Strings } from '../strings/index.js';

/** A prompt in the page. */
export interface Prompt {
  readonly node: HTMLElement;
  /** Puts the cursor into the line, for a reader whose focus is in the cell anyway. */
  focus(): void;
  /** Nobody waits for an answer any more. */
  end(): void;
}

/** @param send is called once, with what was typed */
export function renderPrompt(prompt: PromptOutput, strings: Strings, send: (text: string) => void): Prompt {
  const node = document.createElement('div');
  node.className = 'prompt';
  node.setAttribute('part', 'prompt');
  const form = document.createElement('form');
  const label = document.createElement('label');
  const question = document.createElement('span');
  question.textContent = plainText(prompt.text);
  const input = document.createElement('input');
  input.type = prompt.isSecret ? 'password' : 'text';
  input.autocomplete = 'off';
  input.spellcheck = false;
  if (prompt.text.trim() === '') input.setAttribute('aria-label', strings.answer);
  const button = document.createElement('button');
  button.type = 'submit';
  button.className = 'button';
  button.textContent = strings.send;
  label.append(question, input);
  form.append(label, button);
  node.append(form);

  /** What was asked and answered becomes part of the text. */
  const settle = (answer: string): void => {
    const text = document.createElement('pre');
    text.className = 'stream';
    text.textContent = `${question.textContent}${answer}`;
    node.replaceChildren(text);
  };
  let isOpen = true;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!isOpen) return;
    isOpen = false;
    const { value } = input;
    settle(prompt.isSecret ? '•'.repeat(Math.min(value.length, 8)) : value);
    send(value);
  });
  return {
    node,
    focus: () => {
      input.focus();
    },
    end: () => {
      if (!isOpen) return;
      isOpen = false;
      settle('');
    },
  };
}
