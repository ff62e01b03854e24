"""Makes `import keras` and `import tensorflow` find `hoiquy.keras`, installed or not."""
