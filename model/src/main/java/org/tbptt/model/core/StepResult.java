package org.tbptt.model.core;

/**
 * What training on one window tells.
 *
 * @param loss mean loss of the counted targets, each before the update that it has a part in; nats
 *     per token; not finite once training has diverged, 0 where no target is counted
 * @param counted targets that are not padding
 * @param gradientNorm L2 norm of all gradients together, before clipping; the mean over the
 *     window's updates
 * @param clipped whether the gradients of any update were scaled down
 */
public record StepResult(double loss, long counted, double gradientNorm, boolean clipped) {}
