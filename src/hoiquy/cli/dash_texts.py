"""A click command whose text arguments may begin with a dash."""

import re

import click

AFTER_DASHES = "hoiquy.after_dashes"  # of `Context.meta`: whether "--" begins the texts
_MARK = "\0"  # cannot occur in an argument
_OPTION_LIKE = re.compile(r"--?[A-Za-z][\w-]*(=\S*)?")


class DashTexts(click.Command):
    """Treats an argument that begins with a dash as a text unless it looks like an option.

    "-1 sao" is a text. One or two dashes and a word, optionally followed by "=", look like an
    option: such a text must come after "--".
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as click does; the error for an unknown option has a hint."""
        try:
            rest = super().parse_args(ctx, self._marked(args))
        except click.NoSuchOption as error:
            hint = f'{error.message} If it is a text, put "--" before the texts.'
            raise click.NoSuchOption(
                error.option_name, hint, error.possibilities, error.ctx
            ) from error
        ctx.meta[AFTER_DASHES] = "--" in args
        texts = ctx.params.get("texts") or ()
        ctx.params["texts"] = tuple(text.removeprefix(_MARK) for text in texts)
        return rest

    def _marked(self, args: list[str]) -> list[str]:
        """Return the arguments with a mark before texts that click would take for options."""
        options = [param for param in self.params if isinstance(param, click.Option)]
        known = {name for option in options for name in option.opts} | {"-h", "--help"}
        with_value = {name for option in options if not option.is_flag for name in option.opts}
        marked: list[str] = []
        is_value = False
        for number, arg in enumerate(args):
            if arg == "--" and not is_value:
                return marked + args[number:]
            is_option = arg.partition("=")[0] in known or _OPTION_LIKE.fullmatch(arg)
            if arg.startswith("-") and len(arg) > 1 and not is_value and not is_option:
                marked.append(_MARK + arg)
            else:
                marked.append(arg)
            is_value = not is_value and arg in with_value
        return marked
