"""A mapping proposed for a table that nobody knows: from the names of its columns, and from what is in them.

`look` reads the file and says what each column holds, `propose` makes a mapping of that, `preview` says what would come
in with it. What only a person can know, the campaign and what 02/11 means, is marked in the proposal and never hidden.
"""
