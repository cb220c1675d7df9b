/* The commands of `duet`, one file each; each returns the exit code. argv[0] is the command's own name. */
#ifndef DUET_APPS_DUET_H
#define DUET_APPS_DUET_H

int duet_main_backtest(int argc, char **argv);
int duet_main_check(int argc, char **argv);
int duet_main_cflags(int argc, char **argv);
int duet_main_config(int argc, char **argv);
int duet_main_ctl(int argc, char **argv);
int duet_main_data(int argc, char **argv);
int duet_main_diff(int argc, char **argv);
int duet_main_duetd(int argc, char **argv);
int duet_main_explain(int argc, char **argv);
int duet_main_indicators(int argc, char **argv);
int duet_main_live(int argc, char **argv);
int duet_main_new(int argc, char **argv);
int duet_main_replay(int argc, char **argv);
int duet_main_statistics(int argc, char **argv);
int duet_main_strategies(int argc, char **argv);

#endif
