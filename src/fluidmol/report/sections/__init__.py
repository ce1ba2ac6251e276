"""What a page shows: a function for each section, which reads results and makes tables and charts of them."""
