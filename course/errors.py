"""What an error in a cell ends in: a sentence that says what to do, beneath the traceback.

A name that is not there yet, in any cell; and what pandas and Python raise inside an answer cell,
before its `check` could say a word. Installed in the notebook by `course`, once.
"""

EARLY = (
    "Run the cells above first: in the menu Run, take Run All Above Selected Cell. "
    "If the name is one of your own, look at its spelling."
)
# In an answer cell: by the name of the error, the first that it is one of.
ANSWERS = {
    "UndefinedVariableError": (
        "Inside .query() a column stands bare and a text in quotes, as kind == 'radar'; a name of "
        "your own has an @ before it."
    ),
    "KeyError": (
        "There is no column or row of that name: .columns and .index of the table list them. "
        "Capitals and blanks count."
    ),
    "IndexError": "There are fewer values than that: count from 0, and look at them first.",
    "AttributeError": (
        "What stands before the point has no such thing: look at it in a cell of its own. "
        "Perhaps it is one value, or a table where a column was meant."
    ),
    "ZeroDivisionError": "Something is divided by zero: nothing was counted, perhaps.",
    "TypeError": (
        "Things are put together that do not fit: text and a number, perhaps, or a function with "
        "other inputs than it takes. help(...) shows what a function takes."
    ),
    "ValueError": (
        "A value does not fit there: a whole table or column, perhaps, where one value is asked."
    ),
}


def advice(error, cell):
    """Return what helps after an `error` of a cell with this text; "" where nothing more does."""
    kinds = [kind.__name__ for kind in type(error).__mro__]
    if "InputError" in kinds or "LiveError" in kinds:  # they say it themselves
        return ""
    if "check(" in cell:
        for kind, words in ANSWERS.items():
            if kind in kinds:
                return words
    return EARLY if "NameError" in kinds else ""


def install(shell):
    """Have an IPython shell print the sentence beneath each traceback that has one."""

    def explained(shell, kind, error, trace, tb_offset=None):
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
        if words := advice(error, shell.user_ns.get("In", [""])[-1]):
            print(words)

    shell.set_custom_exc((Exception,), explained)
