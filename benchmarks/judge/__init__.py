"""The default of `hoiquy train` beside simple baselines on labelled sets (`make judge`).

sets             the labelled sets: folders with train.csv and test.csv
words            what counts as a word; scripts without spaces and single words
linear, nb_svm   the baselines in scikit-learn
baseline_worker, fasttext_worker   processes that fit a baseline and predict
measured         a process that runs a command and records its time and memory
process          run a command through it, within a limit, and end it on Ctrl-C
participants     who takes part: names, titles, versions of their code
baseline_run, hoiquy_run   measure a participant on one set
outcome          what a participant reached on a set with a seed
results          all outcomes, the file they are kept in
plan             everything in order, what is done left out, with the time left
differences      McNemar's tests, Holm's correction, intervals
f1_interval      the bootstrap interval of a difference of macro-F1
tables, picture  the report
history          one line a run, so that tuning to the test files shows
"""
