package org.tbptt.model.core;

/**
 * The result of training on one window.
 *
 * @param loss mean loss of the counted targets, each computed before its update, nats per token;
 *     not finite after divergence, 0 if no target is counted
 * @param counted targets that are not padding
 * @param gradientNorm L2 norm of all gradients together, before clipping; the mean over the
 *     window's updates
 * @param clipped whether the gradients of any update were scaled down
 */
public record StepResult(double loss, long counted, double gradientNorm, boolean clipped) {}
