"""`python -m hoiquy.keras` runs a program as Python does, where Keras cannot be imported."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from blocked_keras import BLOCKED

pytestmark = pytest.mark.process


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "sitecustomize.py").write_text(BLOCKED, encoding="utf-8")
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def python(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the folder, with the real modules blocked and without a display."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND")
    }
    path = os.pathsep.join([str(folder.with_name("blocked")), *filter(None, sys.path)])
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return python(folder, "-m", "hoiquy.keras", *arguments, **environment)


def write(folder: Path, name: str, text: str) -> str:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return name


def test_the_real_modules_are_blocked(folder: Path) -> None:
    done = python(folder, "-c", "import keras")
    assert "ImportError: keras is blocked" in done.stderr


def test_a_script_needs_neither_keras_nor_tensorflow(folder: Path) -> None:
    script = write(
        folder,
        "lab.py",
        "import sys\n"
        "import tensorflow as tf\n"
        "from tensorflow import keras\n"
        "from keras.layers import ConvLSTM2D\n"
        "from tensorflow.keras.utils import to_categorical\n"
        "tf.random.set_seed(3)\n"
        "print(tf.__version__, keras.__version__, sys.modules['keras.layers'])\n"
        "print({'jax', 'torch'} & {*sys.modules}, {'numba', 'matplotlib'} & {*sys.modules})\n",
    )
    done = run(folder, script)
    assert done.stderr == ""
    assert done.stdout.splitlines()[0].endswith("<module 'keras.layers' (hoiquy.keras)>")
    assert done.stdout.splitlines()[1] == "set() set()"
    assert done.returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["lab.py", "--report", "-x", "3"],
        ["sub/lab.py"],
        ["-m", "sub.lab", "--help", "-m"],
        ["-m", "sub"],
    ],
)
def test_sys_and_main_are_as_python_sets_them(folder: Path, arguments: list[str]) -> None:
    text = (
        "import sys\n"
        "main = sys.modules['__main__']\n"
        "print(main.__name__, main.__file__, main.__package__, main.__doc__, main.__cached__)\n"
        "print(main is not None and vars(main) is globals(), main.__builtins__)\n"
        "print(sys.argv, sys.path[0], getattr(main.__spec__, 'name', None))\n"
        "print(type(main.__loader__))\n"
    )
    for name in ("lab.py", "sub/lab.py", "sub/__main__.py"):
        write(folder, name, text)
    write(folder, "sub/__init__.py", "import sys; print(sys.argv)")
    assert run(folder, *arguments).stdout == python(folder, *arguments).stdout != ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("raise SystemExit(7)", 7),
        ("raise SystemExit('bad')", 1),
        ("import sys; sys.exit()", 0),
        ("def f():\n    1 / 0\n\nf()", 1),
        ("try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise KeyError from error", 1),
        ("x = = 3", 1),
        ("import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(9)", None),
        ("import sys\nsys.excepthook = lambda *args: print('own', args[2].tb_lineno)\n1 / 0", 1),
        ("import atexit; atexit.register(print, 'end'); import nowhere", 1),
        ("import os; os._exit(5)", 5),
    ],
)
def test_exit_codes_and_tracebacks_are_those_of_python(
    folder: Path, text: str, code: int | None
) -> None:
    script = write(folder, "lab.py", text)
    expected, done = python(folder, script), run(folder, script)
    assert done.stderr == expected.stderr
    assert done.stdout == expected.stdout
    assert done.returncode == expected.returncode
    assert code is None or done.returncode == code


def test_the_traceback_ends_at_the_line_that_uses_a_stand_in(folder: Path) -> None:
    script = write(folder, "lab.py", "import tensorflow as tf\n\nx = tf.TensorArray(3)\n")
    done = run(folder, script)
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert len([line for line in lines if line.startswith("  File ")]) == 1
    assert lines[2].strip() == "x = tf.TensorArray(3)"
    assert lines[-1].endswith("; on real Keras: python lab.py, with TensorFlow installed")


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        ([], 2, "no script: give SCRIPT.py, NOTEBOOK.ipynb or -m MODULE"),
        (["-m"], 2, "no script"),
        (["--report"], 2, "no script"),
        (["nowhere.py"], 2, "can't open nowhere.py: No such file or directory"),
        (["."], 2, "can't open .: Is a directory"),
        (["--nothing", "lab.py"], 2, "unrecognized arguments: --nothing"),
        (["-m", "nowhere.lab"], 1, "No module named nowhere.lab"),
        (["-m", "json"], 1, "No module named json.__main__"),
        (["bad.ipynb"], 2, "bad.ipynb is not a Jupyter notebook"),
    ],
)
def test_wrong_arguments(folder: Path, arguments: list[str], code: int, expected: str) -> None:
    write(folder, "bad.ipynb", "[]")
    done = run(folder, *arguments)
    assert done.returncode == code
    assert done.stderr.splitlines()[-1].startswith("python -m hoiquy.keras: error: ")
    assert expected in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_help_and_version(folder: Path) -> None:
    helped = run(folder, "--help")
    assert helped.returncode == 0
    assert "NOTEBOOK.ipynb | -m MODULE" in helped.stdout
    shown = run(folder, "--version")
    assert shown.returncode == 0
    assert shown.stdout.startswith("hoiquy ")


def test_its_own_messages_are_vietnamese_where_the_language_is(folder: Path) -> None:
    script = write(
        folder,
        "lab.py",
        "get_ipython().run_line_magic('matplotlib', 'inline')\n"
        "import keras\n"
        "model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])\n"
        "model.summary()\n",
    )
    done = run(folder, "--report", script, HOIQUY_LANG="vi")
    assert done.stderr.startswith("hoiquy.keras: đã bỏ qua 1 lệnh IPython: %matplotlib inline\n")
    assert "\nBáo cáo của hoiquy.keras\nĐã dùng:\n" in "\n" + done.stderr
    assert "Total params: 8" in done.stdout  # Keras' own, which scripts read
    helped = run(folder, "--help", HOIQUY_LANG="vi")
    assert helped.stdout.startswith("Cách dùng: ")
    assert "Tùy chọn:" in helped.stdout
    wrong = run(folder, "nowhere.py", HOIQUY_LANG="vi")
    assert "lỗi: không mở được nowhere.py: không có tệp" in wrong.stderr


def test_the_report_comes_last_on_standard_error(folder: Path) -> None:
    script = write(
        folder,
        "lab.py",
        "import tensorflow as tf\nwith tf.device('/GPU:0'):\n    print('done')\n"
        "tf.TensorArray(3)\n",
    )
    done = run(folder, "--report", script)
    assert done.stdout == "done\n"
    error, _, report = done.stderr.partition("\nhoiquy.keras report\n")
    assert "MissingNameError" in error
    assert "  tf.device, device_name: " in report
    assert report.endswith("Not supported (raised an error):\n  tensorflow.TensorArray\n")


_PLOTS = """
import warnings
warnings.simplefilter("error")
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show()
plt.plot([3, 4])
plt.figure()
plt.show()
print(len(plt.get_fignums()))
"""


def test_figures_are_shown_without_a_display(folder: Path) -> None:
    done = run(folder, write(folder, "lab.py", _PLOTS))
    assert done.stderr == ""
    assert done.returncode == 0


def test_figures_are_saved_in_a_folder(folder: Path) -> None:
    done = run(folder, "--figures", "plots/all", write(folder, "lab.py", _PLOTS))
    names = [f"figure-{number}.png" for number in (1, 2, 3)]
    assert sorted(file.name for file in (folder / "plots/all").iterdir()) == names
    assert done.stderr.splitlines() == [
        f"hoiquy.keras: figure saved in {Path('plots/all', name)}" for name in names
    ]
    assert done.stdout == "0\n"
    assert (folder / "plots/all/figure-1.png").read_bytes().startswith(b"\x89PNG")


def test_a_folder_for_figures_that_cannot_be_made(folder: Path) -> None:
    write(folder, "plots", "a file")
    done = run(folder, "--figures", "plots/all", write(folder, "lab.py", _PLOTS))
    assert done.returncode == 1
    assert "WriteError: --figures plots/all: " in done.stderr.splitlines()[-1]


def test_a_chosen_backend_is_kept(folder: Path) -> None:
    script = write(folder, "lab.py", "import matplotlib; print(matplotlib.get_backend())")
    assert run(folder, script, MPLBACKEND="svg").stdout == "svg\n"


def test_a_notebook(folder: Path) -> None:
    cells = [
        "%matplotlib inline\nimport sys, keras\nimport matplotlib.pyplot as plt",
        "print(sys.argv, __name__)\nplt.plot([1, 2])",
        "display('shown')\nplt.plot([1, 2])",
        "def f():\n    keras.missing()\n\nf()",
    ]
    sources = [{"cell_type": "code", "source": cell} for cell in cells]
    notebook = write(folder, "lab.ipynb", json.dumps({"cells": sources}))
    done = run(folder, "--figures", ".", notebook, "7")
    assert done.stdout == "['lab.ipynb', '7'] __main__\nshown\n"
    assert (folder / "figure-2.png").exists()
    lines = done.stderr.splitlines()
    assert lines[0] == "hoiquy.keras: left out 1 IPython command: %matplotlib inline"
    assert "    keras.missing()" in lines
    assert lines[-1].endswith("on real Keras: lab.ipynb in Jupyter, with TensorFlow installed")
    assert done.returncode == 1


def test_importing_the_package_loads_nothing_heavy(folder: Path) -> None:
    heavy = {"matplotlib", "numba", "numpy", "pyarrow", "scipy", "IPython"}
    code = f"import sys, hoiquy.keras; print(*sorted({heavy} & {{*sys.modules}}))"
    assert python(folder, "-c", code).stdout == "\n"


def test_the_notebook_extension_in_ipython(folder: Path) -> None:
    pytest.importorskip("IPython")
    script = write(
        folder,
        "shell.py",
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "def run(cell):\n"
        "    shell.run_cell(cell).raise_error()\n"
        "run('%load_ext hoiquy.keras')\n"
        "run('from keras.layers import Missing')\n"
        "run('import tensorflow as tf')\n"
        "run('Missing')\n"
        "run('try:\\n    from keras import Missing\\nexcept ImportError:\\n    print(\"other\")')\n"
        "run('%unload_ext hoiquy.keras')\n"
        "run('import keras')\n",
    )
    done = python(folder, script, IPYTHONDIR=str(folder / "ipython"))
    assert done.stdout.startswith("hoiquy.keras: ")
    assert "<keras.layers.Missing: not in hoiquy.keras>" in done.stdout
    assert "\nother\n" in done.stdout
    assert done.stderr.splitlines()[-1] == "ImportError: keras is blocked"
