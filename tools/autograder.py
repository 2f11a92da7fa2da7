"""A lesson in Otter-Grader's form: the master notebook that `otter assign` reads.

Each exercise becomes a question of one point: the student's cell is its prompt, the lesson's
solution its solution, and its test asks `check`, which judges in the lesson as well. Otter is not
installed here; README.md says how to have it beside the course.
"""

import re

from nbformat.v4 import new_code_cell, new_output, new_raw_cell

from tools.lessons import PLACE, SOLUTION, asked, is_solution

CONFIG = """# ASSIGNMENT CONFIG
name: {name}
init_cell: true
check_all_cell: false
export_cell:
  pdf: false
  filtering: false
  run_tests: false"""
# Otter removes the marked lines from the students' version, and keeps the comment between them.
WRAPPED = '''""" # BEGIN PROMPT
{place}
""" # END PROMPT
# BEGIN SOLUTION NO PROMPT
{solution}
# END SOLUTION'''


def cells(lesson):
    """Return a lesson's cells with Otter's marks around its exercises."""
    title = lesson[0].source.splitlines()[0].lstrip("# ")
    made = [_raw("config", CONFIG.format(name=repr(title)))]
    for cell in lesson:
        if ids := asked(cell):
            name = question(ids[0])
            cell.source = _kept(cell.source, name)
            made += [
                _raw(f"begin-{name}", f"# BEGIN QUESTION\nname: {name}\npoints: 1"),
                _raw(f"begin-prompt-{name}", "# BEGIN PROMPT"),
                cell,
                _raw(f"end-prompt-{name}", "# END PROMPT"),
            ]
        elif is_solution(cell):
            id = SOLUTION.search(cell.source)[1]
            name = question(id)
            made += [
                _raw(f"begin-solution-{name}", "# BEGIN SOLUTION"),
                new_code_cell(
                    WRAPPED.format(place=PLACE.format(id=id), solution=_kept(cell.source, name)),
                    id=cell.id,
                    metadata={"tags": ["your-solution"]},
                ),
                _raw(f"end-solution-{name}", "# END SOLUTION"),
                _raw(f"begin-tests-{name}", "# BEGIN TESTS"),
                _test(id),
                _raw(f"end-tests-{name}", "# END TESTS"),
                _raw(f"end-{name}", "# END QUESTION"),
            ]
        else:
            made.append(cell)
    return made


def question(id):
    """Return Otter's name of an exercise: "q04_2" for "04-2"."""
    return f"q{id.replace('-', '_')}"


def _kept(source, name):
    """Return a cell's code that also keeps the answer by the name of its question.

    Otter tests when the whole notebook has run, and `answer` then is that of the last exercise.
    """
    return re.sub(r"^(?=(?:check|solution)\()", f"{name} = answer\n", source, flags=re.M)


def _test(id):
    output = new_output("execute_result", {"text/plain": "'right'"}, execution_count=1)
    return new_code_cell(
        f'check("{id}", {question(id)}).status',
        id=f"edition-test-{question(id)}",
        metadata={"tags": ["added"]},
        outputs=[output],
        execution_count=1,
    )


def _raw(id, text):
    return new_raw_cell(text, id=f"edition-{id}", metadata={"tags": ["added"]})
