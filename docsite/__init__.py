"""What the documentation site has beyond the pages of docs/: text that is made from the code when the site is built."""
