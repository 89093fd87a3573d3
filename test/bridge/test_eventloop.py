# SPDX-License-Identifier: GPL-2.0-or-later
"""The bridge's event loop: readers are called at once, and a defect in one ends nothing."""

from __future__ import annotations

import asyncio
import os

import pytest
from sage_bridge import eventloop


def test_a_reader_is_called_whenever_its_descriptor_is_readable_and_not_after_it_was_removed():
    async def main() -> list[bytes]:
        loop = asyncio.get_running_loop()
        reading, writing = os.pipe()
        heard: list[bytes] = []
        more = asyncio.Event()

        def readable(size: int) -> None:
            heard.append(os.read(reading, size))
            more.set()

        loop.add_reader(reading, readable, 1)
        os.write(writing, b"ab")
        while len(heard) < 2:
            more.clear()
            await asyncio.wait_for(more.wait(), 60)
        assert loop.remove_reader(reading)
        os.write(writing, b"c")
        for _ in range(3):
            await asyncio.sleep(0)
        os.close(reading)
        os.close(writing)
        return heard

    assert eventloop.run(main()) == [b"a", b"b"]


@pytest.mark.parametrize("is_over", [False, True])
@pytest.mark.parametrize("is_first", [False, True])
def test_what_was_to_be_told_of_a_descriptor_is_not_told_to_the_next_one_of_its_number(is_first, is_over):
    async def main() -> list[str]:
        loop = asyncio.get_running_loop()
        heard: list[str] = []
        pipes = [os.pipe() for _ in range(3)]
        (first, to_first), (second, to_second), (other, to_other) = pipes
        more = asyncio.Event()

        def told_second() -> None:
            try:
                heard.append(os.read(second, 9).decode())
                more.set()
            except BlockingIOError:
                heard.append("nothing")

        def told_first() -> None:
            # Both are readable by now, and both have been found so.
            os.read(first, 9)
            loop.remove_reader(second)
            os.dup2(other, second)
            loop.add_reader(second, told_second)

        loop.add_reader(first, told_first)
        loop.add_reader(second, lambda: None)
        loop.set_exception_handler(lambda _, context: heard.append(str(context)))
        # Found in this order.
        os.write(to_first, b"x") if not is_first else None
        os.close(to_second) if is_over else os.write(to_second, b"for the one before")
        os.write(to_first, b"x") if is_first else None
        os.set_blocking(other, False)
        for _ in range(3):
            await asyncio.sleep(0.01)
        os.write(to_other, b"for it")
        await asyncio.wait_for(more.wait(), 60)
        for descriptor in (first, second, other, to_first, to_other):
            loop.remove_reader(descriptor)
            os.close(descriptor)
        return heard

    assert eventloop.run(main()) == ["for it"]


def test_an_exception_in_a_reader_is_told_and_the_others_are_served():
    async def main() -> tuple[list[str], bytes]:
        loop = asyncio.get_running_loop()
        told: list[str] = []
        loop.set_exception_handler(lambda _, context: told.append(type(context["exception"]).__name__))
        broken, other = os.pipe(), os.pipe()
        heard: asyncio.Future[bytes] = loop.create_future()

        def fails() -> None:
            os.read(broken[0], 1)
            raise ZeroDivisionError

        loop.add_reader(broken[0], fails)
        loop.add_reader(other[0], lambda: heard.set_result(os.read(other[0], 1)))
        os.write(broken[1], b"x")
        os.write(other[1], b"y")
        data = await asyncio.wait_for(heard, 60)
        for pipe in (broken, other):
            loop.remove_reader(pipe[0])
            for descriptor in pipe:
                os.close(descriptor)
        return told, data

    assert eventloop.run(main()) == (["ZeroDivisionError"], b"y")


def test_what_is_due_before_waiting_is_called_once_and_in_order():
    async def main() -> list[int]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, eventloop.EventLoop)
        called: list[int] = []
        for number in (1, 2):
            loop.before_waiting(lambda one=number: called.append(one))
        assert called == []
        for _ in range(3):
            await asyncio.sleep(0)
        return called

    assert eventloop.run(main()) == [1, 2]


def test_transports_are_served_on_it():
    async def main() -> bytes:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.readline())
            writer.close()

        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"hello\n")
        data = await asyncio.wait_for(reader.read(), 60)
        writer.close()
        server.close()
        await server.wait_closed()
        return data

    assert eventloop.run(main()) == b"hello\n"


def test_what_main_raises_comes_out_of_it():
    async def main() -> None:
        raise LookupError("nothing")

    with pytest.raises(LookupError):
        eventloop.run(main())
