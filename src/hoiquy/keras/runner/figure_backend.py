"""A backend of matplotlib that draws into memory; showing a figure saves it, or does nothing.

Without it, `plt.show()` would warn where there is no display that nothing can be shown.
"""

from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

from hoiquy.keras.runner import figures


class FigureManager(FigureManagerBase):
    """Saves its figure where that is asked for."""

    def show(self) -> None:
        if figures.are_saved():
            self.canvas.figure.savefig(figures.next_file())

    @classmethod
    def pyplot_show(cls, *, block: bool | None = None) -> None:
        """What `plt.show()` does; the figures are closed after saving, as windows would be."""
        for manager in Gcf.get_all_fig_managers():
            manager.show()
        if figures.are_saved() and block is not False:
            Gcf.destroy_all()


class FigureCanvas(FigureCanvasAgg):
    """Draws with Agg."""

    manager_class = FigureManager
