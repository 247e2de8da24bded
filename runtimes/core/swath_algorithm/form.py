"""Forms of `process` and its hooks that Python takes, and that a service can't call."""

import ast
from collections.abc import Iterator

from swath_algorithm.annotations import Annotations, last_name
from swath_algorithm.findings import Finding
from swath_algorithm.source import Function, Source

HOOKS = {"on_start": 1, "on_stop": 0}  # and how many arguments each can be handed: the context


def misshapen(source: Source) -> Iterator[Finding]:
    """Findings for each thing by which a call of `process`, or a hook, would fail whatever the inputs are."""
    yield from _function(source, source.function)
    if source.batch:
        yield from _function(source, source.batch) if source.batch is not source.function else ()
        yield from _batch(source, source.batch)
    if source.function is not source.batch:
        yield from _inputs(source)
    if source.owner:
        yield from _class(source, source.owner)


def is_static(function: Function) -> bool:
    """True for a method that is not handed its object."""
    return any(last_name(one) == "staticmethod" for one in function.decorator_list)


def _function(source: Source, function: Function) -> Iterator[Finding]:
    name = function.name
    if isinstance(function, ast.AsyncFunctionDef):
        yield source.at(function, f"`{name}` is async", f"write def {name}(...)")
    elif produced := _produced(function):
        yield source.at(produced, f"`{name}` yields, so it gives back no outputs", "return them all at once")
    if source.owner and not _takes_object(function):
        message = f"the method {name} lacks its first parameter, self"
        yield source.at(function, message, f"write def {name}(self, ...), the inputs after it")


def _inputs(source: Source) -> Iterator[Finding]:
    function, arguments = source.function, source.function.args
    if arguments.vararg:
        advice = "name each input, or write **inputs to be handed whatever comes"
        yield source.at(arguments.vararg, f"*{arguments.vararg.arg} is never handed anything", advice)
    for one in arguments.posonlyargs[1 if source.owner and not is_static(function) else 0 :]:
        yield source.at(one, f"'{one.arg}' is positional-only, but inputs are handed by name", "take away the /")


def _batch(source: Source, function: Function) -> Iterator[Finding]:
    if source.owner and not _takes_object(function):
        return  # which is told already, and makes a list of its first parameter
    arguments, annotations = function.args, Annotations.of(source.module)
    positional = [*arguments.posonlyargs, *arguments.args][1 if source.owner and not is_static(function) else 0 :]
    others = [one for one in (*positional, *arguments.kwonlyargs) if annotations.kind(one.annotation) != "context"]
    if len(others) != 1 or others[0] not in positional or arguments.vararg or arguments.kwarg:
        message = f"`{function.name}` is handed one list of inputs, and a Context if it takes one"
        advice = f"write def {function.name}({'self, ' if source.owner else ''}items)"
        yield source.at(function, message, advice)
    for node in (*(one.annotation for one in others[:1]), function.returns):
        if node and annotations.kind(node) not in {"any", "array"}:
            yield source.at(node, f"`{function.name}` takes and gives a list", f"write list[{ast.unparse(node)}]")


def _class(source: Source, owner: ast.ClassDef) -> Iterator[Finding]:
    loose = next((one for one in source.module.body if isinstance(one, Function) and one.name == "process"), None)
    if loose:
        yield source.at(loose, "there is a function process beside the class Process", "keep one of them")
    start = source.method("__init__")
    if start and _required(start) > 0:
        advice = "take nothing here, and what a model or profile gives in on_start(self, context)"
        yield source.at(start, f"{owner.name}() is made without arguments, but __init__ asks for some", advice)
    for name, most in HOOKS.items():
        hook = source.method(name)
        if hook and (isinstance(hook, ast.AsyncFunctionDef) or _required(hook) > most or not _takes_object(hook)):
            form = f"def {name}(self{', context' if most else ''})"
            yield source.at(hook, f"{name} can't be called as it is written", f"write {form}")


def _takes_object(function: Function) -> bool:
    positional = [*function.args.posonlyargs, *function.args.args]
    if is_static(function) or any(last_name(one) == "classmethod" for one in function.decorator_list):
        return True
    return bool(positional) and (positional[0].arg == "self" or positional[0].arg.startswith("_"))


def _required(method: Function) -> int:
    """How many arguments a call must give, the object aside."""
    arguments = method.args
    positional = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
    named = sum(one is None for one in arguments.kw_defaults)
    return positional + named - (0 if is_static(method) else 1)


def _produced(function: Function) -> ast.expr | None:
    """The first `yield` of a function itself, not of one within it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return node
        if not isinstance(node, Function | ast.Lambda | ast.ClassDef):
            waiting[:0] = ast.iter_child_nodes(node)
    return None
