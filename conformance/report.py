"""What every suite in Python prints: one RESULT line for each check, which the harness collects."""

import importlib.metadata
import json
import sys
import traceback

failed = 0


def sdk(package):
    """Says which package is driven, and in which version."""
    print("SDK " + json.dumps({"package": package, "version": importlib.metadata.version(package)}), flush=True)


def check(route):
    """Runs the function below as one check; a check that fails does not keep the following ones from running."""

    def run(body):
        global failed
        result = {"route": route, "result": "pass"}
        try:
            body()
        except Exception:
            failed += 1
            result = {"route": route, "result": "fail", "reason": "".join(reversed(traceback.format_exc().splitlines(True)))}
        print("RESULT " + json.dumps(result), flush=True)
        return body

    return run


def not_applicable(reason, *routes):
    """Routes that this SDK has no call for."""
    for route in routes:
        print("RESULT " + json.dumps({"route": route, "result": "n/a", "reason": reason}), flush=True)


def end():
    sys.exit(1 if failed else 0)


def fails(error_class, body, status=None, text=""):
    """Expects the SDK's exception for a status, with a message that contains a text."""
    try:
        body()
    except error_class as error:
        assert status is None or error.status_code == status, f"status {error.status_code}: {error}"
        assert text in str(error), str(error)
        return error
    raise AssertionError(f"{error_class.__name__} was not raised")


def training_lines(count):
    """Lines of chat data; what they teach does not matter here."""
    return "".join(
        json.dumps({"messages": [{"role": "user", "content": f"what is number {i}?"}, {"role": "assistant", "content": f"it is {i}."}]}) + "\n"
        for i in range(count)
    )


def labelled_lines(count):
    """Lines for a classifier of two labels."""
    return "".join(json.dumps({"text": f"number {i}", "labels": {"parity": "odd" if i % 2 else "even"}}) + "\n" for i in range(count))


def preference_lines(count):
    """Lines of preference pairs: answers in two styles, of which the brief one is preferred."""

    def say(role, content):
        return {"role": role, "content": content}

    return "".join(
        json.dumps({
            "input": {"messages": [say("user", f"what is number {i}?")]},
            "preferred_output": [say("assistant", f"it is {i}.")],
            "non_preferred_output": [say("assistant", f"I would say that this number is {i}, if I may.")],
        }) + "\n"
        for i in range(count)
    )


# Twelve lines of which the last has a misspelt role.
BAD_LINES = training_lines(11) + '{"messages": [{"role": "asistant", "content": "x"}]}\n'
