/** Moving cells by hand: mouse, pen and finger alike, with a line where they would go. */

/** What a drag needs of the worksheet. */
export interface DragHost {
  /** The rows in order. */
  rows(): readonly HTMLElement[];
  /** Cells move before the row of that index (the number of rows: to the end). */
  dropped(to: number): void;
  /** Where the line is drawn, as an index of rows; undefined ends it. */
  marked(to: number | undefined): void;
}

/** Distance from the edge of the window at which the page scrolls, and how far it does with each frame, CSS pixels. */
const EDGE = 60;
const SCROLL_STEP = 14;

/** Distance from which a press is a drag, CSS pixels. */
const THRESHOLD = 5;

/** Follows one pointer from its press on a handle to its end. */
export function beginDrag(event: PointerEvent, host: DragHost): void {
  if (event.button !== 0) return;
  const handle = event.currentTarget as HTMLElement;
  const { pointerId, clientY: startY } = event;
  let target: number | undefined;
  let lastY = startY;
  let frame: number | undefined;
  let isDragging = false;

  const placeAt = (y: number): number => {
    const rows = host.rows();
    const index = rows.findIndex((row) => {
      const { top, height } = row.getBoundingClientRect();
      return y < top + height / 2;
    });
    return index < 0 ? rows.length : index;
  };
  const scroll = (): void => {
    const direction = lastY < EDGE ? -1 : lastY > innerHeight - EDGE ? 1 : 0;
    if (direction !== 0) {
      scrollBy(0, direction * SCROLL_STEP);
      target = placeAt(lastY);
      host.marked(target);
    }
    frame = requestAnimationFrame(scroll);
  };
  const move = (moved: PointerEvent): void => {
    lastY = moved.clientY;
    if (!isDragging && Math.abs(lastY - startY) < THRESHOLD) return;
    if (!isDragging) {
      isDragging = true;
      frame = requestAnimationFrame(scroll);
    }
    target = placeAt(lastY);
    host.marked(target);
  };
  const end = (isDrop: boolean): void => {
    if (frame !== undefined) cancelAnimationFrame(frame);
    handle.removeEventListener('pointermove', move);
    handle.removeEventListener('pointerup', up);
    handle.removeEventListener('pointercancel', cancel);
    removeEventListener('keydown', key, true);
    if (handle.hasPointerCapture(pointerId)) handle.releasePointerCapture(pointerId);
    host.marked(undefined);
    if (isDrop && isDragging && target !== undefined) host.dropped(target);
  };
  const up = (): void => {
    end(true);
  };
  const cancel = (): void => {
    end(false);
  };
  const key = (pressed: KeyboardEvent): void => {
    if (pressed.key !== 'Escape') return;
    pressed.preventDefault();
    pressed.stopPropagation();
    end(false);
  };
  handle.setPointerCapture(pointerId);
  handle.addEventListener('pointermove', move);
  handle.addEventListener('pointerup', up);
  handle.addEventListener('pointercancel', cancel);
  addEventListener('keydown', key, true);
}
