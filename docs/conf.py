"""How Sphinx makes the documentation site: ``make docs``.

Pages are the Markdown files beside this one, and those that ``_ext`` makes of the code: a page for each command, for
each public name and for each package, and those of the repository's root.
"""

import os
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))
# Help texts are broken at the width of a terminal where nothing says how wide it is.
os.environ["COLUMNS"] = "80"

project = "fluidmol"
author = "The fluidmol developers"
project_copyright = author
release = version = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "repository_pages",
    "command_pages",
    "package_pages",
]
exclude_patterns = ["_ext"]
# Quotation marks are set right; two dashes begin an option.
smartquotes_action = "q"

# Markdown. Headings can be linked to as on the pages of a forge.
myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 4

# Docstrings. Of an extra that isn't installed, only what it is called is needed.
autodoc_mock_imports = ["chemprop", "lightning", "torch"]
autodoc_member_order = "bysource"
autodoc_default_options = {
    "members": True,
    "special-members": "__call__",
    "ignore-module-all": True,
    # scikit-learn gives it to its estimators, with references into its own documentation.
    "exclude-members": "set_score_request",
}
autodoc_typehints_format = "short"
autodoc_use_type_comments = False
autosummary_generate = False
napoleon_google_docstring = False
napoleon_use_rtype = False
python_maximum_signature_line_length = 90
python_use_unqualified_type_names = True
add_module_names = False
toc_object_entries_show_parents = "hide"

# Looks. Nothing is loaded from elsewhere: the site works offline.
html_theme = "furo"
html_title = f"fluidmol {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
pygments_style = "friendly"
pygments_dark_style = "github-dark"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
