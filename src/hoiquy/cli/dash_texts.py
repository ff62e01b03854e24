"""A command whose texts may begin with a dash: "-1 sao" is a text, --quiet an option."""

import re

import click

_MARK = "\0"  # no argument of a program has it
_OPTION_LIKE = re.compile(r"--?[A-Za-z][\w-]*(=\S*)?")


class DashTexts(click.Command):
    """Takes an argument that begins with a dash for one of `texts`, unless it looks like an option.

    What looks like an option is a dash or two and a word, with nothing or "=" behind it. A text
    of this kind has to follow "--".
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as click does. Raises NoSuchOption, with a hint, for an option that is unknown."""
        try:
            rest = super().parse_args(ctx, self._marked(args))
        except click.NoSuchOption as error:
            hint = f'{error.message} If it is a text, put "--" before the texts.'
            raise click.NoSuchOption(
                error.option_name, hint, error.possibilities, error.ctx
            ) from error
        texts = ctx.params.get("texts") or ()
        ctx.params["texts"] = tuple(text.removeprefix(_MARK) for text in texts)
        return rest

    def _marked(self, args: list[str]) -> list[str]:
        """The arguments, with a mark before texts that would be taken for options."""
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
